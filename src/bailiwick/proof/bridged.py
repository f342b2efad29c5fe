"""Layer 2 of a router whose zones are VLANs of one bridge: who hears whom, frame by frame.

``wires`` follows the interfaces below each zone's; here a table says which port carries what, so frames are sent
instead. From each zone's interface, and from each port with each tag that may come there: what leaves by a port, and
which zone's interface takes it up, is exactly what the home file says.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.model import Device, Wiring
from bailiwick.dataplane.segments import Flood, Segments, Tags, carried
from bailiwick.network.model import Network, RouterPort, Zone
from bailiwick.proof.difference import Difference, Kind, Meaning
from bailiwick.proof.places import Places

End = tuple[str, Tags]
"""A port, and the tags of the frames there."""

_CARRIERS = frozenset({"ethernet", "wireless", "bonding", "unknown"})


def bridged(network: Network, device: Device, places: Places) -> Iterator[Difference]:
    """Each end that hears what it should not, or does not hear what it should."""
    seen = Segments(Wiring({device.name: device}))
    meant = {end: zone for zone in network.zones.values() for end in _meant(network, zone)}
    ports = {port.name: port for port in network.router.ports}
    names = {zone.id: zone for zone in network.zones.values()}
    routed = {one: names[place] for one, place in places.by_interface.items() if place in names}
    for interface, zone in routed.items():
        reached = _sent(seen.flood(device.name, interface))
        for end, owner in meant.items():
            if owner == zone and end not in reached:
                yield _difference(f"{_words(end)} does not hear the router in {zone.name}", zone, ports.get(end[0]))
        for end in sorted(reached):
            if _whose(meant, end) != zone:
                yield _difference(f"{_words(end)} hears the router in {zone.name}", zone, ports.get(end[0]), device)
    for end in sorted(_arrivals(network, device)):
        own = _whose(meant, end)
        flood = seen.arriving(device.name, end[0], end[1])
        taken = [one.interface for one in flood.heard if not one.tags and one.interface in routed]
        heard = [routed[one] for one in sorted(set(taken))]
        for zone in heard:
            if zone != own:
                yield _difference(f"the router takes {_words(end)} for {zone.name}", zone, ports.get(end[0]), device)
        if end in meant and own is not None and own not in heard:
            yield _difference(f"the router does not take {_words(end)} for {own.name}", own, ports.get(end[0]))
        yield from _between(meant, ports, end, _sent(flood))


def _between(
    meant: dict[End, Zone], ports: dict[str, RouterPort], end: End, reached: frozenset[End]
) -> Iterator[Difference]:
    """Frames that go from port to port, and never come to the filter."""
    own = _whose(meant, end)
    for other in sorted(reached):
        zone = own or _whose(meant, other)
        if zone is None:
            continue
        if own is None or _whose(meant, other) != own:
            yield _difference(f"{_words(other)} hears {_words(end)}", zone, ports.get(other[0]))
        elif own.isolate:
            sentence = f"{_words(other)} hears {_words(end)}, and {own.name} keeps its clients apart"
            yield _difference(sentence, own, ports.get(other[0]))
    for other, zone in meant.items():
        if (
            own is not None
            and end in meant
            and zone == own
            and other[0] != end[0]
            and not own.isolate
            and other not in reached
        ):
            yield _difference(f"{_words(other)} does not hear {_words(end)} in {own.name}", own, ports.get(other[0]))


def _whose(meant: dict[End, Zone], end: End) -> Zone | None:
    """The zone of frames on a wire: of their outermost tag, or else of those that have none. A tag that nothing is
    meant by there is the business of whoever put it on, as long as it stays in that zone."""
    port, tags = end
    return meant.get((port, tags[:1])) or meant.get((port, ()))


def _meant(network: Network, zone: Zone) -> Iterator[End]:
    for port in network.router.ports:
        if port.untagged == zone.name:
            yield port.name, ()
        if zone.name in port.tagged and zone.vlan is not None:
            yield port.name, (zone.vlan,)


def _arrivals(network: Network, device: Device) -> Iterator[End]:
    """Every port with no tag, with each VLAN that anybody speaks of, with one that nobody does, and with two of
    these: a bridge takes the outer one off where its VLAN leaves without a tag. (Of a machine of ours what it sends is
    known: ``segments``.)"""
    ends = {link.a: link.b for link in network.links} | {link.b: link.a for link in network.links}
    ours = {port for (name, port), far in ends.items() if name == device.name and far[0] in network.switches}
    vlans = {zone.vlan for zone in network.zones.values() if zone.vlan is not None}
    for one in device.interfaces.values():
        vlans |= carried(one) | ({one.vlan} if one.vlan is not None else set())
    spare = next(number for number in range(2, 4095) if number not in vlans)
    names = {one.name for one in device.interfaces.values() if one.kind in _CARRIERS and one.parent is None}
    for name in names | {port.name for port in network.router.ports}:
        yield name, ()
        for vlan in (*vlans, spare):
            yield name, (vlan,)
            if name not in ours:
                yield from ((name, (vlan, inner)) for inner in vlans)


def _sent(flood: Flood) -> frozenset[End]:
    return frozenset((frame.port, frame.tags) for frame in flood.came)


def _difference(sentence: str, zone: Zone, port: RouterPort | None, device: Device | None = None) -> Difference:
    about = [Meaning(zone.span, f"the zone {zone.name}")]
    if port is not None:
        about.append(Meaning(port.span, f"port {port.name}"))
    one = device.interfaces.get(port.name) if device and port else None
    return Difference(Kind.WIRE, sentence, line=one.vlan_line or one.line if one else None, meant=tuple(about))


def _words(end: End) -> str:
    port, tags = end
    return f"VLAN {' and '.join(map(str, tags))} on port {port}" if tags else f"port {port} without a tag"
