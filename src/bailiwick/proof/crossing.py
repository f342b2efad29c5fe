"""No frame crosses the router's bridges from zone to zone, whatever tags somebody puts on it.

Everything that may come by a port is tried: without a tag and with some of every VLAN, of the bridges' own too.
What leaves by another port belongs to whoever is beyond that by its outermost tag, as any switch there reads it (IEEE
802.1Q, 6.9). This is for a Linux router that is all that is known of the wiring: else see ``segments``, and for
RouterOS ``bridged``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from bailiwick.dataplane.model import Device, Wiring
from bailiwick.dataplane.segments import DEEPEST, Segments, Tags, carried
from bailiwick.network.model import Network, RouterPort
from bailiwick.proof.difference import Difference, Kind, Meaning
from bailiwick.proof.hearing import tagged
from bailiwick.proof.wired import carried_by


def crossings(network: Network, device: Device) -> Iterator[Difference]:
    """One difference for each two zones and the port by which it comes."""
    segments = Segments(Wiring({device.name: device}, ()))
    meant = {port.name: carried_by(network, port.untagged, port.tagged) for port in network.router.ports}
    vlans = _vlans(network, device)
    for port in network.router.ports:
        told: set[str] = set()
        waiting: deque[Tags] = deque([()])
        while waiting:
            tags = waiting.popleft()
            flood = segments.arriving(device.name, port.name, tags)
            if not tags or (len(tags) < DEEPEST and any(not frame.tags for frame in flood.came)):
                waiting += [(*tags, vlan) for vlan in vlans]  # a tag below is a frame's first where those above are off
            sender = meant[port.name].get(tags[:1], meant[port.name].get(()))
            if sender is None:
                continue  # nobody is there
            for frame in flood.came:
                zone = meant.get(frame.port, {}).get(frame.tags[:1])
                if zone is not None and zone != sender and zone not in told:
                    told.add(zone)
                    yield _crossing(network, device, port, (sender, tags), (frame.port, zone))


def _vlans(network: Network, device: Device) -> tuple[int, ...]:
    found = {zone.vlan for zone in network.zones.values() if zone.vlan is not None}
    return tuple(sorted(found.union(*(carried(one) for one in device.interfaces.values()))))


def _crossing(
    network: Network, device: Device, port: RouterPort, sent: tuple[str, Tags], got: tuple[str, str]
) -> Difference:
    (sender, tags), (other, zone) = sent, got
    sentence = f"what comes by port {port.name} of {sender}{tagged(tags)} leaves by port {other} into {zone}"
    meant = (Meaning(port.span, f"port {port.name}"), Meaning(network.zones[zone].span, f"the zone {zone}"))
    interface = device.interfaces.get(port.name)
    return Difference(Kind.WIRE, sentence, line=interface.line if interface else None, meant=meant)
