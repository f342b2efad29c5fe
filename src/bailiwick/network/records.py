"""The names that the home's resolver answers by itself, each with one address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address

from bailiwick.language.scalars import Unreadable, read_domain
from bailiwick.language.span import Path, Span
from bailiwick.network.addresses import Unclear, looks_numeric, whole
from bailiwick.network.draft import Draft
from bailiwick.network.model import Forward, Router

Entry = tuple[str, IPv4Address, Span, str]
"""Fully qualified name, address, where it was asked for, and by what: the same asker may ask twice."""


def resolve_records(draft: Draft, router: Router, forwards: tuple[Forward, ...]) -> dict[str, IPv4Address]:
    """Sorted by name. A name with two addresses is refused, but for the legs of one host: its first leg stands."""
    domains = {zone.id: zone.domain for zone in draft.zones.values()}
    entries = [
        *_of_router(draft, router),
        *_of_hosts(draft, domains),
        *_of_devices(draft, domains),
        *_written(draft),
        *_of_forwards(draft, forwards),
    ]
    first: dict[str, Entry] = {}
    for entry in entries:
        name, address, span, asker = entry
        known = first.setdefault(name, entry)
        if known[1] != address and known[3] != asker:
            draft.findings.error(
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


def _of_router(draft: Draft, router: Router) -> Iterator[Entry]:
    """In each domain the gateway of the first zone that has it."""
    aliases = dns_names(draft, ("hosts", router.name, "aliases"), draft.home.hosts[router.name].aliases)
    for zone in draft.zones.values():
        for name in (router.name, *aliases):
            yield qualified(name, zone.domain), zone.gateway, router.span, router.id


def _of_hosts(draft: Draft, domains: Mapping[str, str]) -> Iterator[Entry]:
    for host in draft.hosts.values():
        aliases = dns_names(draft, ("hosts", host.name, "aliases"), host.aliases)
        for leg in host.legs:
            domain = domains.get(leg.place, draft.home.domain)
            for name in (host.name, *aliases):
                yield qualified(name, domain), leg.address, host.span, host.id


def _of_devices(draft: Draft, domains: Mapping[str, str]) -> Iterator[Entry]:
    for device in draft.devices.values():
        if device.address and device.place:
            domain = domains.get(device.place, draft.home.domain)
            yield qualified(device.name, domain), device.address, device.span, device.id


def _written(draft: Draft) -> Iterator[Entry]:
    for name, text in draft.home.dns.records.items():
        span = draft.findings.spans.key("dns", "records", name)
        fqdn = qualified(name, draft.home.domain)
        if text in draft.hosts:
            yield fqdn, draft.hosts[text].legs[0].address, span, "dns"
            continue
        try:
            if not looks_numeric(text):
                raise Unclear(f"`{text}` is neither an address nor a host")
            yield fqdn, whole(text), span, "dns"
        except Unclear as why:
            draft.findings.error("address-unclear", f"{why}.", ("dns", "records", name))


def _of_forwards(draft: Draft, forwards: tuple[Forward, ...]) -> Iterator[Entry]:
    """Split DNS: inside, a published name is the host itself, unless the door changes the port."""
    for forward in forwards:
        names = dns_names(draft, ("forward", forward.name, "names"), forward.names)
        if forward.to_port is None:
            for name in names:
                yield name, forward.address, forward.span, forward.host


def dns_names(draft: Draft, at: Path, names: Sequence[str]) -> tuple[str, ...]:
    """The names that can be names in DNS, in lower case; refuses the others."""
    found: list[str] = []
    for index, name in enumerate(names):
        try:
            found.append(read_domain(name))
        except Unreadable as why:
            draft.findings.error(why.code, why.message, (*at, index), why.help)
    return tuple(found)
