"""A draft as the text of a home file, with the sections that a person would write and in that order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from bailiwick.adopt.doors import Doors, ForwardDraft
from bailiwick.adopt.facts import Facts, Left
from bailiwick.adopt.layout import Layout, PortDraft, UplinkDraft, ZoneDraft
from bailiwick.adopt.naming import slug
from bailiwick.adopt.nouns import Nouns

_WIDTH = 118
_OLDEST = (7, 16)
"""The first release of RouterOS that is set up from here."""
HOME_DOMAIN = "home.arpa"
"""The domain of a home file that says none (RFC 8375)."""
QUAD9 = ("9.9.9.9", "149.112.112.112")


@dataclass(frozen=True)
class Draft:
    """Everything that the text says. ``routed`` are (who, by which tunnel)."""

    name: str
    facts: Facts
    layout: Layout
    nouns: Nouns
    policy: tuple[str, ...]
    routed: tuple[tuple[str, str], ...]
    doors: Doors
    left: tuple[Left, ...]


def written(draft: Draft) -> str:
    """The text, ending with a line break."""
    sections = (_head, _uplinks, _zones, _hosts, _groups, _policy, _forwards, _routes, _dns, _rest)
    blocks = (list(section(draft)) for section in sections)
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block) + "\n"


def _head(draft: Draft) -> Iterator[str]:
    yield "# Adopted from a router that runs: what it means, as one file. Names are the router's own where it had any."
    yield "# `bailiwick check` says what is wrong with this file, `bailiwick matrix` who reaches what."
    yield ""
    yield f"name: {draft.name}"
    if draft.facts.timezone:
        yield f"timezone: {draft.facts.timezone}"


def _uplinks(draft: Draft) -> Iterator[str]:
    yield "# The ways out, the usual one first."
    yield "uplinks:"
    for uplink in draft.layout.uplinks:
        yield from _title(draft, uplink.interface, uplink.name)
        yield f"  {uplink.name}: {{{', '.join(_uplink(uplink))}}}"
    yield from _left(draft, "uplinks")


def _title(draft: Draft, interface: str, name: str) -> Iterator[str]:
    """The comment on an interface, where the name does not say it already."""
    title = draft.facts.titles.get(interface, "")
    if title and slug(title) != name:
        yield f"  # {_one_line(title)}"


def _uplink(uplink: UplinkDraft) -> Iterator[str]:
    yield f"interface: router/{uplink.port}"
    if uplink.vlan is not None:
        yield f"vlan: {uplink.vlan}"
    if uplink.how == "dhcp":
        yield "address: dhcp"
    elif uplink.how == "pppoe":
        yield f"pppoe: {{user: {_text(uplink.user)}, password: !secret pppoe}}"
    elif uplink.how == "tunnel":
        yield f"tunnel: {{address: {uplink.address}}}"
    else:
        yield f"address: {uplink.address}"
        yield f"gateway: {uplink.gateway}"
    if uplink.modem is not None:
        yield f"modem: {uplink.modem}"


def _zones(draft: Draft) -> Iterator[str]:
    yield "# The networks inside. From one to another a packet passes the router, and only where a sentence says so."
    yield "zones:"
    for zone in draft.layout.zones:
        yield from _title(draft, zone.interface, zone.name)
        yield f"  {zone.name}: {{{', '.join(_zone(zone))}}}"
    yield from _left(draft, "zones")


def _zone(zone: ZoneDraft) -> Iterator[str]:
    network = zone.gateway.network
    if zone.vlan is not None and 2 <= zone.vlan <= 4094:
        yield f"vlan: {zone.vlan}"
    yield f"subnet: {network}"
    if zone.gateway.ip != network.network_address + 1:
        yield f"gateway: {zone.gateway.ip}"
    if zone.dhcp is not None:
        parts = []
        if zone.dhcp.first is not None and zone.dhcp.last is not None:
            parts.append(f"range: {_short(zone.dhcp.first, zone)}-{_short(zone.dhcp.last, zone)}")
        else:
            parts.append("static-only: yes")
        if zone.dhcp.lease:
            parts.append(f"lease: {zone.dhcp.lease}")
        yield f"dhcp: {{{', '.join(parts)}}}"


def _hosts(draft: Draft) -> Iterator[str]:
    yield "hosts:"
    yield "  router:"
    yield from _release(draft.facts.release)
    yield "    router: linux"
    ports = {name: port for name, port in draft.layout.ports.items() if port.native or port.tagged}
    if ports:
        yield "    ports:"
        yield from (f"      {name}: {_port(port)}" for name, port in ports.items())
    yield from _left(draft, "ports", "    ")
    for host in sorted(draft.nouns.hosts.values(), key=lambda one: (_order(draft, one.zone), one.address)):
        mac = f', mac: "{host.mac}"' if host.mac else ""
        comment = f"  # {_one_line(host.comment)}" if host.comment else ""
        serves = ", serves: dns" if host.name == draft.doors.resolver else ""
        at = _short(host.address, host.zone)
        yield f"  {host.name}: {{zone: {host.zone.name}, address: {at}{mac}{serves}}}{comment}"
    yield from _left(draft, "hosts")


def _release(release: str) -> Iterator[str]:
    """How an adopted RouterOS becomes one that is set up from here."""
    if not release:
        return
    yield "    # Compared with the export as a Linux router. For the MikroTik itself write `router: routeros` and"
    if tuple(map(int, release.split("."))) < _OLDEST:
        yield "    # `platform: routeros-7.16`, once it runs that release or a later one."
    else:
        yield f"    # `platform: routeros-{release}`; `check` says what else it asks for."


def _port(port: PortDraft) -> str:
    if not port.tagged:
        return port.native
    tagged = f"[{', '.join(port.tagged)}]"
    return f"{{native: {port.native}, trunk: {tagged}}}" if port.native else tagged


def _groups(draft: Draft) -> Iterator[str]:
    if draft.nouns.groups:
        yield "groups:"
    for group in draft.nouns.groups.values():
        if not any(comment for _, comment in group.members):
            line = f"  {group.name}: [{', '.join(member for member, _ in group.members)}]"
            if len(line) <= _WIDTH:
                yield line
                continue
        yield f"  {group.name}:"
        yield from (
            f"    - {member}{f'  # {_one_line(comment)}' if comment else ''}" for member, comment in group.members
        )


def _policy(draft: Draft) -> Iterator[str]:
    yield "# Who may open connections to whom: what the router's filter accepts today. Nothing else passes, and the"
    yield "# order of the lines does not matter."
    yield "policy:" if draft.policy else "policy: []"
    yield from (f"  - {sentence}" for sentence in draft.policy)
    yield from _left(draft, "policy")


def _forwards(draft: Draft) -> Iterator[str]:
    if draft.doors.forwards:
        yield "# Doors from the uplinks."
        yield "forward:"
    for forward in draft.doors.forwards:
        yield f"  {forward.name}: {{{', '.join(_forward(forward))}}}"
    yield from _left(draft, "forward")


def _forward(forward: ForwardDraft) -> Iterator[str]:
    yield f"service: {forward.service}"
    if forward.sources:
        yield f"from: {forward.sources[0]}" if len(forward.sources) == 1 else f"from: [{', '.join(forward.sources)}]"
    yield f"to: {forward.host}"
    if forward.port:
        yield f"port: {forward.port}"
    if forward.uplink:
        yield f"uplink: {forward.uplink}"
    if forward.comment and slug(forward.comment) != forward.name:
        yield f"comment: {_text(forward.comment)}"


def _routes(draft: Draft) -> Iterator[str]:
    if draft.routed:
        yield "# Who reaches the internet by a tunnel, and never by another way."
        yield "route-out:"
    yield from (f"  {who}: {uplink}" for who, uplink in draft.routed)
    yield from _left(draft, "route-out")


def _dns(draft: Draft) -> Iterator[str]:
    upstreams = [str(one) for one in draft.facts.upstreams]
    if not upstreams:
        yield "# The router does not say whom it asks for names: these are Quad9. They see every name that you look up."
        upstreams = list(QUAD9)
    yield "dns:"
    yield f"  upstreams: [{', '.join(upstreams)}]"
    if draft.doors.forced:
        yield f"  force: [{', '.join(draft.doors.forced)}]"
    records = dict(_records(draft))
    if records:
        yield "  records:"
        yield from (f"    {name}: {address}" for name, address in records.items())
    yield from _left(draft, "dns", "  ")


def _records(draft: Draft) -> Iterator[tuple[str, IPv4Address]]:
    """Names that are not just a host's own."""
    known = {host.name: host.address for host in draft.nouns.hosts.values()}
    gateways = {zone.gateway.ip for zone in draft.layout.zones}
    for name, address in draft.facts.records:
        host, _, domain = name.partition(".")
        own = domain in ("", HOME_DOMAIN) and known.get(host) == address
        if not own and address not in gateways:
            yield name, address


def _rest(draft: Draft) -> Iterator[str]:
    shown = list(_left(draft, "else", ""))
    if shown:
        yield "# What stands below is about other things than packets, or was not understood."
        yield from shown


def _left(draft: Draft, section: str, indent: str = "  ") -> Iterator[str]:
    """The lines that would belong here, as they were written; several of one reason in a row are said once."""
    why = None
    for one in draft.left:
        if one.section != section:
            continue
        if one.why != why:
            why = one.why
            yield f"{indent}# Not said here: {_one_line(why)}."
        at = f"{one.number}: " if one.number else ""
        yield f"{indent}#   {at}{_one_line(one.text)}"


def _order(draft: Draft, zone: ZoneDraft) -> int:
    return draft.layout.zones.index(zone)


def _short(address: IPv4Address, zone: ZoneDraft) -> str:
    """``.5`` where the zone's prefix leaves the last number alone."""
    return f".{int(address) & 255}" if zone.gateway.network.prefixlen == 24 else str(address)


def _one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split()).rstrip(".")


def _text(text: str) -> str:
    """As YAML in a flow mapping."""
    plain = _one_line(text)
    safe = plain and all(letter.isalnum() or letter in "@._- " for letter in plain) and plain[0].isalnum()
    return plain if safe else '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
