"""The names that the home's resolver answers by itself, each with one address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address

from bailiwick.language import schema
from bailiwick.language.span import Span
from bailiwick.network.addresses import Unclear, looks_numeric, whole
from bailiwick.network.findings import Findings
from bailiwick.network.model import Device, Forward, Host, Router, Zone

Entry = tuple[str, IPv4Address, Span, str]
"""Fully qualified name, address, where it was asked for, and by what: the same asker may ask twice."""


def resolve_records(
    home: schema.Home,
    router: Router,
    zones: Mapping[str, Zone],
    hosts: Mapping[str, Host],
    devices: Mapping[str, Device],
    forwards: tuple[Forward, ...],
    findings: Findings,
) -> dict[str, IPv4Address]:
    """Sorted by name. A name with two addresses is refused, but for the legs of one host: its first leg stands."""
    places = {zone.id: zone for zone in zones.values()}
    entries = [
        *_of_router(home, router, zones),
        *_of_hosts(home, hosts, places),
        *_of_devices(home, devices, places),
        *_written(home, hosts, findings),
        *_of_forwards(forwards),
    ]
    first: dict[str, Entry] = {}
    for entry in entries:
        name, address, span, asker = entry
        known = first.setdefault(name, entry)
        if known[1] != address and known[3] != asker:
            findings.error(
                "duplicate-dns-name",
                f"`{name}` would be {known[1]} and {address}: a name has one address here.",
                span,
                "choose another name for one of them",
                [(known[2], f"the name of {known[1]}")],
            )
    return {name: first[name][1] for name in sorted(first)}


def qualified(name: str, domain: str) -> str:
    """A bare name gets the domain; one with a dot in it is whole already."""
    return name if "." in name else f"{name}.{domain}"


def _of_router(home: schema.Home, router: Router, zones: Mapping[str, Zone]) -> Iterator[Entry]:
    """In each domain the gateway of the first zone that has it."""
    for zone in zones.values():
        for name in (router.name, *home.hosts[router.name].aliases):
            yield qualified(name, zone.domain), zone.gateway, router.span, router.id


def _of_hosts(home: schema.Home, hosts: Mapping[str, Host], places: Mapping[str, Zone]) -> Iterator[Entry]:
    for host in hosts.values():
        for leg in host.legs:
            domain = places[leg.place].domain if leg.place in places else home.domain
            for name in (host.name, *host.aliases):
                yield qualified(name, domain), leg.address, host.span, host.id


def _of_devices(home: schema.Home, devices: Mapping[str, Device], places: Mapping[str, Zone]) -> Iterator[Entry]:
    for device in devices.values():
        if device.address and device.place:
            domain = places[device.place].domain if device.place in places else home.domain
            yield qualified(device.name, domain), device.address, device.span, device.id


def _written(home: schema.Home, hosts: Mapping[str, Host], findings: Findings) -> Iterator[Entry]:
    for name, text in home.dns.records.items():
        span = findings.spans.key("dns", "records", name)
        if text in hosts:
            yield qualified(name, home.domain), hosts[text].legs[0].address, span, "dns"
            continue
        try:
            if not looks_numeric(text):
                raise Unclear(f"`{text}` is neither an address nor a host")
            yield qualified(name, home.domain), whole(text), span, "dns"
        except Unclear as why:
            findings.error("address-unclear", f"{why}.", ("dns", "records", name))


def _of_forwards(forwards: tuple[Forward, ...]) -> Iterator[Entry]:
    """Split DNS: inside, a published name is the host itself, unless the door changes the port."""
    for forward in forwards:
        if forward.to_port is None:
            for name in forward.names:
                yield name, forward.address, forward.span, forward.host
