"""Nobody speaks for others: sources that are not a zone's leave by no uplink, and nobody outside speaks for the home
(BCP 38, RFC 2827; BCP 84, RFC 3704; RFC 6890; RFC 1812 §5.3.7 and §5.3.8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from bailiwick.network.model import Zone
from bailiwick.network.special import SPECIAL_NETWORKS
from bailiwick.packets.packet import UDP
from bailiwick.twin.acts.nat.datagrams import Datagram
from bailiwick.twin.acts.nat.puppets import Puppets
from bailiwick.twin.acts.nat.speakers import ANY_PORT, PEERS, Speaker, every_speaker, far_of
from bailiwick.twin.acts.nat.talk import mark
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.result import Check

FORGED = "sources: forged inside, they leave by no uplink"
FORGED_OUTSIDE = "sources: the home's own and special ones, from outside"
NOWHERE = "destinations: special ones leave by no uplink"
STRANGER = IPv4Address("45.83.102.9")


@dataclass(frozen=True, slots=True)
class _Sent:
    """Packets with one word, and where they were sent from: a station, one of those on the same wire."""

    subject: str
    word: bytes
    place: str


def sources(stage: Stage) -> Iterator[Check]:
    """One check for each zone, for each uplink, and for each pair of them; all are sent before anything is awaited."""
    with Puppets(stage) as puppets:
        sent = [_forged(stage, puppets, zone) for zone in stage.network.zones.values()]
        sent += [_from_outside(stage, puppets, line.uplink) for line in stage.layout.lines]
        sent += [_nowhere(stage, puppets, speaker) for speaker in every_speaker(stage, UDP)]
        puppets.wait(stage.patience)
        for one in sent:
            yield _verdict(stage, puppets, one)


def _port(stage: Stage, zone: str) -> int:
    """A UDP port that the zone may speak to on the internet, if any."""
    return next((one.port for one in every_speaker(stage, UDP) if one.zone == zone), ANY_PORT)


def _verdict(stage: Stage, puppets: Puppets, sent: _Sent) -> Check:
    """What is seen on the sender's own wire never met the router."""
    neighbours = {station.name for station in stage.layout.at(sent.place)}
    seen = puppets.all_heard(lambda one: one.payload == sent.word, but=neighbours)
    leaked = ", ".join(sorted({f"{one.source} to {one.destination} by {name}" for name, one in seen}))
    if leaked or puppets.entered(lambda one: one.payload == sent.word):
        return Check(sent.subject, "seen nowhere", f"seen: {leaked}" if leaked else "seen nowhere", not leaked)
    return Check(sent.subject, "seen nowhere", "nothing entered the router", None)


def _forged(stage: Stage, puppets: Puppets, zone: Zone) -> _Sent:
    """Everybody's source but a host's of the zone, on a port that the zone may speak to."""
    station, word, port = stage.layout.at(zone.id)[0], mark(puppets), _port(stage, zone.id)
    others = [
        other.subnet[9 % other.subnet.num_addresses] for other in stage.network.zones.values() if other is not zone
    ]
    lines = [line.address.ip for line in stage.layout.lines]
    special = [net[0] + 1 for net in SPECIAL_NETWORKS if not net.overlaps(zone.subnet)]
    forged = dict.fromkeys([STRANGER, *others, *lines, *special, zone.gateway, zone.subnet[-1]])
    for source in forged:
        puppets.send(station, Datagram(source, PEERS[0], UDP, 40001, port, word))
    return _Sent(f"{FORGED}, {len(forged)} of them from {zone.name}", word, zone.id)


def _from_outside(stage: Stage, puppets: Puppets, uplink: str) -> _Sent:
    """To every zone's hosts straight, and to every door."""
    far, line, word = far_of(stage, uplink), stage.layout.line(uplink), mark(puppets)
    zones = stage.network.zones.values()
    hosts = [zone.subnet[9 % zone.subnet.num_addresses] for zone in zones]
    special = [net[0] + 1 for net in SPECIAL_NETWORKS if not net.overlaps(line.address.network)]
    targets = [(host, ANY_PORT) for host in hosts]
    targets += [(line.address.ip, door.match.ports[0]) for door in stage.plan.translations if door.match.ports]
    for source in (*special, *hosts):
        for target, port in targets:
            puppets.send(far, Datagram(source, target, UDP, 40002, port, word))
    return _Sent(f"{FORGED_OUTSIDE}, by {uplink.partition(':')[2]}", word, uplink)


def _nowhere(stage: Stage, puppets: Puppets, speaker: Speaker) -> _Sent:
    """Who may speak to everybody on the internet still does not speak to what is none of it."""
    word = mark(puppets)
    subnets = [zone.subnet for zone in stage.network.zones.values()]
    subnets += [line.address.network for line in stage.layout.lines]
    named = {uplink.modem for uplink in stage.network.uplinks.values()}
    named |= {leg.address for host in stage.network.hosts.values() for leg in host.legs}
    for net in SPECIAL_NETWORKS:
        aim = net[0] + 1
        if aim not in named and not any(aim in subnet for subnet in subnets):
            puppets.send(speaker.station, Datagram(speaker.source, aim, UDP, 40003, speaker.port, word))
    return _Sent(f"{NOWHERE}, from {speaker.words}", word, speaker.zone)
