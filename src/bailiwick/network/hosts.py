"""Hosts: each leg's place and address written out. The router is a host of the file, and apart from them here."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.language import schema
from bailiwick.language.span import Path
from bailiwick.network.addresses import Unclear, complete, whole
from bailiwick.network.draft import Draft
from bailiwick.network.guests import resolve_guest
from bailiwick.network.model import Host, Leg

SERVED = ("dns", "ntp")


def resolve_hosts(draft: Draft) -> dict[str, Host]:
    """Every host but the router, by name, in the file's order; those without a usable leg are left out."""
    hosts: dict[str, Host] = {}
    for name, written in draft.home.hosts.items():
        if written.router:
            continue
        for index, service in enumerate(written.serves):
            if service not in SERVED:
                draft.findings.error(
                    "serves-unknown",
                    f"Host `{name}` cannot serve `{service}` for the home: `dns` and `ntp` are known.",
                    ("hosts", name, "serves", index),
                    "what a host merely offers needs no line here: a sentence of the policy lets others reach it",
                )
        if written.ports and not written.hypervisor:
            draft.findings.error(
                "host-ports",
                f"Host `{name}` has ports, and only those of the router and of hypervisors are ours to set up.",
                draft.findings.spans.key("hosts", name, "ports"),
                "declare a switch or an access point under `devices:`; a link to a host names its port alone",
            )
        _check_keys(draft, name, written)
        guest = resolve_guest(draft, name)
        legs = tuple(_legs(draft, name, written))
        if legs:
            hosts[name] = Host(
                name=name,
                id=f"host:{name}",
                span=draft.findings.spans.key("hosts", name),
                legs=legs,
                aliases=tuple(written.aliases),
                serves=frozenset(written.serves),
                guest=guest,
                forwards=written.forwards,
                because=written.because or "",
            )
    return hosts


def _check_keys(draft: Draft, name: str, written: schema.Host) -> None:
    """What only a hypervisor has, and what belongs together."""
    findings = draft.findings
    for key, value in (("bridge", written.bridge), ("user", written.user)):
        if value is not None and not written.hypervisor:
            findings.error(
                "hypervisor-key",
                f"Host `{name}` is no hypervisor, and has a `{key}`.",
                findings.spans.key("hosts", name, key),
                "remove the line, or add `hypervisor: linux`",
            )
    if written.forwards and written.because is not None:
        findings.error(
            "forwards-because",
            f"Host `{name}` says why, and not what: `because` goes with `forwards: no`.",
            findings.spans.key("hosts", name, "because"),
            "add `forwards: no`, or remove the line",
        )
    if not written.forwards and written.because is None:
        findings.error(
            "forwards-because",
            f"Host `{name}` passes nothing on between its zones, and does not say what keeps it from it.",
            findings.spans.key("hosts", name, "forwards"),
            "add `because:`, as `because: ip_forward is 0`",
        )


def _legs(draft: Draft, name: str, written: schema.Host) -> Iterator[Leg]:
    ways = [way for way in ("zone", "uplink", "legs") if getattr(written, way)]
    if len(ways) != 1 or (written.legs and written.address):
        draft.findings.error(
            "host-place",
            f"Host `{name}` says twice where it is." if ways else f"Host `{name}` does not say where it is.",
            draft.findings.spans.key("hosts", name),
            "give it `zone` and `address`, or `uplink` and `address`, or `legs` with an address for each zone",
        )
    elif written.legs:
        for zone, leg in written.legs.items():
            mac = leg.mac or written.mac
            at = ("hosts", name, "legs", zone)
            yield from _leg(draft, written, zone, schema.Leg.model_construct(address=leg.address, mac=mac), at)
    elif written.address is None:
        draft.findings.error(
            "host-place",
            f"Host `{name}` has no address.",
            draft.findings.spans.key("hosts", name),
            "give it one, as `address: .5`; a machine that only takes a lease needs no entry",
        )
    elif written.zone:
        leg = schema.Leg.model_construct(address=written.address, mac=written.mac)
        yield from _leg(draft, written, written.zone, leg, ("hosts", name))
    elif written.uplink:
        yield from _outer_leg(draft, name, written)


def _leg(draft: Draft, host: schema.Host, zone_name: str, leg: schema.Leg, at: Path) -> Iterator[Leg]:
    """One leg in a zone; ``at`` is where its address stands."""
    findings = draft.findings
    if not draft.names.is_kind(zone_name, "zone"):
        span = findings.spans.value(*at, "zone") if host.zone else findings.spans.key(*at)
        findings.error("unknown-name", f"`{zone_name}` is no zone.", span, draft.names.suggest(zone_name, ["zone"]))
        return
    zone = draft.zones.get(zone_name)
    if zone is None:
        return
    try:
        address = complete(leg.address, zone.subnet)
    except Unclear as why:
        findings.error("address-unclear", f"{why}.", (*at, "address"))
        return
    reservable = leg.mac is not None and zone.dhcp is not None
    if host.reservation and not reservable:
        lack = "has no hardware address" if leg.mac is None else f"is in zone `{zone_name}`, which serves no DHCP"
        findings.error(
            "reservation-impossible",
            f"Host `{at[1]}` cannot have a reservation: it {lack}.",
            (*at[:2], "reservation"),
            "add `mac:`" if leg.mac is None else "add `dhcp:` to the zone, or remove the line",
        )
    yield Leg(zone.id, address, leg.mac, reservable and host.reservation is not False)


def _outer_leg(draft: Draft, name: str, written: schema.Host) -> Iterator[Leg]:
    uplink, address = written.uplink or "", written.address or ""
    if not draft.names.is_kind(uplink, "uplink"):
        help = draft.names.suggest(uplink, ["uplink"])
        draft.findings.error("unknown-name", f"`{uplink}` is no uplink.", ("hosts", name, "uplink"), help)
    elif uplink in draft.uplinks:
        if written.reservation:
            draft.findings.error(
                "reservation-impossible",
                f"Host `{name}` cannot have a reservation: it is beyond uplink `{uplink}`.",
                ("hosts", name, "reservation"),
                "remove the line",
            )
        try:
            yield Leg(draft.uplinks[uplink].id, whole(address), written.mac, False)
        except Unclear as why:
            draft.findings.error("address-unclear", f"{why}.", ("hosts", name, "address"))
