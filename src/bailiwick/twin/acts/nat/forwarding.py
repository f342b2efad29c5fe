"""What a router does with each packet besides letting it through (RFC 1812 §4 and §5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bailiwick.network.model import Zone
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.twin.acts.nat.datagrams import (
    PORT_UNREACHABLE,
    TIME_EXCEEDED,
    UNREACHABLE,
    Datagram,
    complaint,
    packed,
)
from bailiwick.twin.acts.nat.errors import heard_of
from bailiwick.twin.acts.nat.puppets import Puppets, Test
from bailiwick.twin.acts.nat.speakers import PEERS, Speaker, enter, speakers
from bailiwick.twin.acts.nat.talk import comparison, mark, opening, same_opening, sent_out, untried
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.aim.ways import LIMITED_BROADCAST
from bailiwick.twin.result import Check

HOPS = "forwarding: one hop less, the rest as it was"
EXCEEDED = "forwarding: a packet's last hop is told of"
NO_ERRORS = "forwarding: no error about an error"
DAMAGED = "forwarding: a header with a wrong checksum"
SOURCE_ROUTE = "forwarding: a packet that chooses its own way"
BROADCAST = "forwarding: broadcasts stay where they are"
LOOSE, STRICT = 131, 137  # RFC 791 §3.1
EXPEDITED = 0xB8  # RFC 3246


def forwarding(stage: Stage) -> Iterator[Check]:
    """For each uplink that somebody may use, from there; broadcasts from every zone."""
    with Puppets(stage) as puppets:
        found = list(speakers(stage, UDP)) or list(speakers(stage, TCP)) or list(speakers(stage, ICMP))
        if not found:
            yield untried(HOPS, "no zone may open anything to the internet")
        for speaker in found:
            enter(puppets, speaker)
            yield from _packets(puppets, speaker)
        sent = [(zone, _broadcast(stage, puppets, zone)) for zone in stage.network.zones.values()]
        puppets.wait(stage.patience)
        for zone, word in sent:
            yield _heard_of(stage, puppets, zone, word)


def _packets(puppets: Puppets, speaker: Speaker) -> Iterator[Check]:
    where = speaker.words
    one = replace(opening(speaker, PEERS[0], puppets.fresh_port()), ttl=17, tos=EXPEDITED, number=4321)
    out = sent_out(puppets, speaker, one)
    shown = f"{out.ttl} hops, class {out.tos:#x}, number {out.number}, checksums right: {out.whole}" if out else "lost"
    yield comparison(HOPS, where, f"16 hops, class {EXPEDITED:#x}, number 4321, checksums right: True", shown)
    last = replace(opening(speaker, PEERS[0], puppets.fresh_port()), ttl=1)
    puppets.send(speaker.station, last)
    gateway = speaker.station.gateway or PEERS[1]
    told = heard_of(puppets, speaker.station, last, gateway)
    seen = "told, and not passed on" if told and told.icmp_type == TIME_EXCEEDED else "not told"
    if puppets.hear(speaker.far, lambda got: same_opening(last, got) and got.source_port == last.source_port, 0.05):
        seen += ", and passed on"
    yield comparison(EXCEEDED, where, "told, and not passed on", seen)
    about = packed(replace(one, source=PEERS[0], destination=speaker.source))
    puppets.send(speaker.station, replace(complaint(about, speaker.source, UNREACHABLE, PORT_UNREACHABLE), ttl=1))
    damaged = bytearray(packed(opening(speaker, PEERS[0], damaged_port := puppets.fresh_port())))
    damaged[10] ^= 0xFF
    puppets.send(speaker.station, bytes(damaged))
    routed = opening(speaker, PEERS[0], routed_port := puppets.fresh_port())
    for kind in (LOOSE, STRICT):
        puppets.send(speaker.station, replace(routed, options=bytes([kind, 7, 4]) + PEERS[1].packed))
    error = puppets.hear(
        speaker.station,
        lambda got: (
            got.error and got.quoted is not None and got.quoted.protocol == ICMP and got.quoted.icmp_type == UNREACHABLE
        ),
    )
    yield comparison(NO_ERRORS, where, "silence", "an error" if error else "silence")
    for key, port in ((DAMAGED, damaged_port), (SOURCE_ROUTE, routed_port)):
        passed = puppets.hear(speaker.far, _to_peers(port), 0.05)
        yield comparison(key, where, "dropped", "passed" if passed else "dropped")


def _to_peers(port: int) -> Test:
    return lambda got: got.source_port == port and got.destination in PEERS


def _broadcast(stage: Stage, puppets: Puppets, zone: Zone) -> bytes:
    """To every other network's broadcast address and to everybody; the word that was said."""
    station = stage.layout.at(zone.id)[0]
    word = mark(puppets)
    source = next((held.ip for held in station.addresses), zone.subnet[1])
    others = [other.subnet[-1] for other in stage.network.zones.values() if other is not zone]
    lines = [line.address.network[-1] for line in stage.layout.lines if line.address.network.num_addresses > 2]
    for aim in (*others, *lines, LIMITED_BROADCAST):
        puppets.send(station, Datagram(source, aim, UDP, 40004, 9, word))
    return word


def _heard_of(stage: Stage, puppets: Puppets, zone: Zone, word: bytes) -> Check:
    neighbours = {one.name for one in stage.layout.at(zone.id)}
    seen = puppets.all_heard(lambda one: one.payload == word, but=neighbours)
    where = f"from {zone.name}"
    if not seen and not puppets.entered(lambda one: one.payload == word):
        return Check(f"{BROADCAST}, {where}", "seen nowhere else", "nothing entered the router", None)
    leaked = sorted({f"{one.destination} by {name}" for name, one in seen})
    return comparison(BROADCAST, where, "seen nowhere else", ", ".join(leaked) or "seen nowhere else")
