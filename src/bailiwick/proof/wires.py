"""Layer 2 of the router: every port and tag ends in the zone that the home file says, at its interface.

The read-back interfaces make a graph: an address stands on an interface, a bridge joins its ports, a VLAN interface is
a tag on its parent. From each zone's interface the ports and tags below it are collected and held against the home's.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.model import Device, Interface
from bailiwick.network.model import Network, RouterPort, Zone
from bailiwick.proof.difference import Difference, Kind, Meaning
from bailiwick.proof.places import Places

End = tuple[str, int | None]
"""A port, and the tag of the frames there; None without one."""

PHYSICAL = frozenset({"ethernet", "unknown"})


def wires(network: Network, device: Device, places: Places) -> Iterator[Difference]:
    """One difference for each port and tag that ends elsewhere than was meant."""
    meant = {end: zone for zone in network.zones.values() for end in _meant(network, zone)}
    ports = {port.name: port for port in network.router.ports}
    seen: dict[End, str] = {}
    for zone in network.zones.values():
        for name in places.interfaces(zone.id):
            for end, interface in _ends(device, device.interfaces[name], None, frozenset()):
                seen[end] = zone.id
                if meant.get(end) != zone:
                    yield _stray(zone, end, interface, ports.get(end[0]))
    for end, zone in meant.items():
        if end not in seen:
            about = (Meaning(ports[end[0]].span, f"port {end[0]}"), Meaning(zone.span, f"the zone {zone.name}"))
            yield Difference(Kind.WIRE, f"{_words(end)} does not end in {zone.name}", meant=about)


def _meant(network: Network, zone: Zone) -> Iterator[End]:
    for port in network.router.ports:
        if port.untagged == zone.name:
            yield port.name, None
        if zone.name in port.tagged:
            yield port.name, zone.vlan


def _ends(
    device: Device, interface: Interface, tag: int | None, above: frozenset[str]
) -> Iterator[tuple[End, Interface]]:
    """The physical ends below an interface. A tag within a tag is no end that a home can mean: it stays as it is."""
    if interface.name in above:
        return
    above |= {interface.name}
    members = [one for one in device.interfaces.values() if one.master == interface.name]
    for one in members:
        yield from _ends(device, one, tag, above)
    if interface.kind == "vlan" and interface.parent is not None:
        parent = device.interfaces.get(interface.parent, Interface(interface.parent))
        if tag is None:
            yield from _ends(device, parent, interface.vlan, above)
        else:
            yield (f"{parent.name}.{interface.vlan}", tag), interface
    elif not members and interface.kind != "bridge":
        yield (interface.name, tag), interface


def _stray(zone: Zone, end: End, interface: Interface, port: RouterPort | None) -> Difference:
    about = [Meaning(zone.span, f"the zone {zone.name}")]
    if port is not None:
        about.append(Meaning(port.span, f"port {port.name}"))
    sentence = f"{_words(end)} ends in {zone.name}, where the home file does not have it"
    return Difference(Kind.WIRE, sentence, line=interface.line, meant=tuple(about))


def _words(end: End) -> str:
    port, tag = end
    return f"port {port} without a tag" if tag is None else f"VLAN {tag} on port {port}"
