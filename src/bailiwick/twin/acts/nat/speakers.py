"""Who may speak to the internet by which uplink, and with whom: chosen among the stations by the plan's openings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from bailiwick.network.model import Match
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import ICMP
from bailiwick.plan.model import Flow, Hook
from bailiwick.twin.acts.nat.datagrams import ECHO
from bailiwick.twin.acts.nat.puppets import Puppets
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.layout import Line, Station

PEERS = (IPv4Address("45.83.100.7"), IPv4Address("45.83.101.8"))
"""Two hosts of the internet, which the stations beyond the uplinks play."""
BETWEEN = IPv4Address("45.83.99.1")
"""A router of the internet, on the way to them."""
ANY_PORT = 4433
DNS = 53


@dataclass(frozen=True, slots=True)
class Speaker:
    """One host of a zone that may open ``protocol`` to ``port`` of both peers; ``far`` plays those.

    ``ports`` is the range that is open to it; ``others`` are hosts of the zone that may do the same.
    """

    zone: str  # place
    station: Station
    source: IPv4Address
    line: Line
    far: Station
    protocol: int
    port: int
    ports: tuple[int, int]
    others: tuple[tuple[Station, IPv4Address], ...] = ()

    @property
    def outside(self) -> IPv4Address:
        """The router's address on the uplink."""
        return self.line.address.ip

    @property
    def words(self) -> str:
        """Where, for a check's subject."""
        return f"{self.zone.partition(':')[2]} by {self.line.uplink.partition(':')[2]}"


def far_of(stage: Stage, uplink: str) -> Station:
    """The station that is the internet beyond an uplink. Raises StopIteration when there is none."""
    return next(station for station in stage.layout.at(uplink) if station.everything)


def _ports(flow: Flow, protocol: int) -> tuple[int, int] | None:
    """A range of ports open to the protocol, the widest; (0, 0) for ICMP."""
    ranges: list[tuple[int, int]] = []
    for match in flow.matches:
        if not _fits(match, protocol):
            continue
        if protocol == ICMP:
            return (0, 0)
        ranges.append(match.ports or (0, 65535))
    ranges = [one for one in ranges if one != (DNS, DNS)]  # the resolvers' own
    return max(ranges, key=lambda one: one[1] - one[0], default=None)


def _fits(match: Match, protocol: int) -> bool:
    if match.protocol is None:
        return match.protocols is None or match.protocols[0] <= protocol <= match.protocols[1]
    return match.protocol == protocol and match.icmp_type in (None, ECHO)


def _routed(stage: Stage, uplink: str) -> IntervalSet:
    """Whose packets the routing sends by an uplink: those of its exits; by the usual one, everybody else's too."""
    everybody = IntervalSet.span(0, 2**32 - 1)
    usual = min(
        (one for one in stage.plan.interfaces if one.metric is not None and one.place),
        key=lambda one: one.metric or 0,
        default=None,
    )
    theirs = IntervalSet.union(exit_.sources for exit_ in stage.plan.exits if exit_.uplink == uplink)
    if usual is None or usual.place != uplink:
        return theirs
    return theirs | (everybody - IntervalSet.union(exit_.sources for exit_ in stage.plan.exits))


def _of_flow(stage: Stage, flow: Flow, protocol: int, line: Line) -> Speaker | None:
    ports = _ports(flow, protocol)
    if ports is None or flow.ingress is None or not all(int(peer) in flow.destinations for peer in PEERS):
        return None
    routed = _routed(stage, line.uplink)
    hosts = [
        (station, held.ip)
        for station in stage.layout.at(flow.ingress)
        for held in station.addresses
        if int(held.ip) in flow.sources & routed and held.ip not in (held.network[0], held.network[-1], station.gateway)
    ]
    if not hosts:
        return None
    (station, source), *others = hosts
    port = ANY_PORT if ports[0] <= ANY_PORT < ports[1] else ports[0]
    far = far_of(stage, line.uplink)
    return Speaker(flow.ingress, station, source, line, far, protocol, port, ports, tuple(others))


def speakers(stage: Stage, protocol: int) -> Iterator[Speaker]:
    """One for each uplink that somebody may open the protocol by: the zone with the widest opening."""
    for line in stage.layout.lines:
        able = [
            speaker
            for flow in stage.plan.flows
            if flow.hook is Hook.FORWARD and flow.egress == line.uplink and not flow.translated
            if (speaker := _of_flow(stage, flow, protocol, line))
        ]
        if able:
            yield max(able, key=lambda one: (len(one.others) > 0, one.ports[1] - one.ports[0]))


def every_speaker(stage: Stage, protocol: int) -> Iterator[Speaker]:
    """One for each pair of zone and uplink."""
    seen: set[tuple[str, str]] = set()
    for line in stage.layout.lines:
        for flow in stage.plan.flows:
            if flow.hook is not Hook.FORWARD or flow.egress != line.uplink or flow.translated:
                continue
            speaker = _of_flow(stage, flow, protocol, line)
            if speaker and (speaker.zone, line.uplink) not in seen:
                seen.add((speaker.zone, line.uplink))
                yield speaker


def enter(puppets: Puppets, speaker: Speaker) -> None:
    """Let the speaker, its others and both peers be played."""
    puppets.play(speaker.far, *PEERS)
    puppets.play(speaker.station, speaker.source)
    for station, address in speaker.others[:1]:
        puppets.play(station, address)
