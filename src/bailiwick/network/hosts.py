"""Hosts: each leg's place and address written out. The router is a host of the file, and apart from them here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bailiwick.language import schema
from bailiwick.network.addresses import Unclear, complete, whole
from bailiwick.network.findings import Findings
from bailiwick.network.model import Host, Leg, Uplink, Zone
from bailiwick.network.names import Names

SERVED = ("dns", "ntp")


def resolve_hosts(
    home: schema.Home,
    names: Names,
    zones: Mapping[str, Zone],
    uplinks: Mapping[str, Uplink],
    findings: Findings,
) -> dict[str, Host]:
    """Every host but the router, by name, in the file's order; those without a usable leg are left out."""
    hosts: dict[str, Host] = {}
    for name, written in home.hosts.items():
        if written.router:
            continue
        for index, service in enumerate(written.serves):
            if service not in SERVED:
                findings.error(
                    "serves-unknown",
                    f"Host `{name}` cannot serve `{service}` for the home: `dns` and `ntp` are known.",
                    ("hosts", name, "serves", index),
                    "what a host merely offers needs no line here: a sentence of the policy lets others reach it",
                )
        legs = tuple(_legs(name, written, names, zones, uplinks, findings))
        if legs:
            span = findings.spans.key("hosts", name)
            hosts[name] = Host(name, f"host:{name}", span, legs, tuple(written.aliases), frozenset(written.serves))
    return hosts


def _legs(
    name: str,
    written: schema.Host,
    names: Names,
    zones: Mapping[str, Zone],
    uplinks: Mapping[str, Uplink],
    findings: Findings,
) -> Iterator[Leg]:
    ways = [way for way in ("zone", "uplink", "legs") if getattr(written, way)]
    if len(ways) != 1 or (written.legs and written.address):
        findings.error(
            "host-place",
            f"Host `{name}` does not say where it is." if not ways else f"Host `{name}` says twice where it is.",
            findings.spans.key("hosts", name),
            "give it `zone` and `address`, or `uplink` and `address`, or `legs` with an address for each zone",
        )
        return
    if written.legs:
        for zone, leg in written.legs.items():
            yield from _leg(
                name,
                ("legs", zone, "address"),
                zone,
                leg.address,
                leg.mac or written.mac,
                written,
                names,
                zones,
                findings,
            )
    elif written.address is None:
        findings.error(
            "host-place",
            f"Host `{name}` has no address.",
            findings.spans.key("hosts", name),
            "give it one, as `address: .5`; a machine that only takes a lease needs no entry",
        )
    elif written.zone:
        yield from _leg(name, ("address",), written.zone, written.address, written.mac, written, names, zones, findings)
    elif written.uplink:
        yield from _outer_leg(name, written.uplink, written.address, written, names, uplinks, findings)


def _leg(
    name: str,
    at: tuple[str, ...],
    zone_name: str,
    address: str,
    mac: str | None,
    written: schema.Host,
    names: Names,
    zones: Mapping[str, Zone],
    findings: Findings,
) -> Iterator[Leg]:
    if not names.is_kind(zone_name, "zone"):
        span = (
            findings.spans.key("hosts", name, *at[:-1]) if len(at) > 1 else findings.spans.value("hosts", name, "zone")
        )
        findings.error("unknown-name", f"`{zone_name}` is no zone.", span, names.suggest(zone_name, ["zone"]))
        return
    zone = zones.get(zone_name)
    if zone is None:
        return
    try:
        resolved = complete(address, zone.subnet)
    except Unclear as why:
        findings.error("address-unclear", f"{why}.", ("hosts", name, *at))
        return
    reservable = mac is not None and zone.dhcp is not None
    if written.reservation and not reservable:
        lack = "has no hardware address" if mac is None else f"is in zone `{zone_name}`, which serves no DHCP"
        findings.error(
            "reservation-impossible",
            f"Host `{name}` cannot have a reservation: it {lack}.",
            ("hosts", name, "reservation"),
            "add `mac:`" if mac is None else "add `dhcp:` to the zone, or remove the line",
        )
    yield Leg(zone.id, resolved, mac, reservable and written.reservation is not False)


def _outer_leg(
    name: str,
    uplink: str,
    address: str,
    written: schema.Host,
    names: Names,
    uplinks: Mapping[str, Uplink],
    findings: Findings,
) -> Iterator[Leg]:
    if not names.is_kind(uplink, "uplink"):
        findings.error(
            "unknown-name", f"`{uplink}` is no uplink.", ("hosts", name, "uplink"), names.suggest(uplink, ["uplink"])
        )
    elif uplink in uplinks:
        try:
            yield Leg(uplinks[uplink].id, whole(address), written.mac, False)
        except Unclear as why:
            findings.error("address-unclear", f"{why}.", ("hosts", name, "address"))
