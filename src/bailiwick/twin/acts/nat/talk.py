"""What every act of translation says and asks: an opening packet out, an answer in, a check from what was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import IPv4Address

from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.twin.acts.nat.datagrams import ACK, SYN, Datagram
from bailiwick.twin.acts.nat.puppets import Puppets
from bailiwick.twin.acts.nat.speakers import Speaker, enter, speakers
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.layout import Station
from bailiwick.twin.result import Check

NAMES = {1: "ICMP", 6: "TCP", 17: "UDP"}
MARK = b"bailiwick-nat "


def mark(puppets: Puppets) -> bytes:
    """A payload that no other packet has."""
    return MARK + str(puppets.fresh_port()).encode()


def each_speaker(stage: Stage, subject: str, play: Callable[[Puppets, Speaker], Iterator[Check]]) -> Iterator[Check]:
    """What ``play`` finds of each protocol and uplink; where nobody may speak, that it is not tried."""
    with Puppets(stage) as puppets:
        for protocol in (UDP, TCP, ICMP):
            found = list(speakers(stage, protocol))
            if not found:
                yield untried(f"{subject}, {NAMES[protocol]}", "no zone may open it to the internet")
            for speaker in found:
                enter(puppets, speaker)
                yield from play(puppets, speaker)


def opening(speaker: Speaker, peer: IPv4Address, source_port: int, port: int | None = None) -> Datagram:
    """The first packet of a connection, as the speaker sends it; an echo with that identifier for ICMP."""
    one = Datagram(
        speaker.source, peer, speaker.protocol, source_port, speaker.port if port is None else port, b"hello"
    )
    if speaker.protocol == TCP:
        return replace(one, flags=SYN, sequence=1000, segment_size=1460, payload=b"")
    return replace(one, port=1) if speaker.protocol == ICMP else one


def same_opening(sent: Datagram, seen: Datagram) -> bool:
    """Whether the packet seen outside is that opening, whatever its source has become."""
    there = (sent.protocol, sent.destination, sent.port, sent.payload, sent.flags)
    return there == (seen.protocol, seen.destination, seen.port, seen.payload, seen.flags) and not seen.error


def sent_out(puppets: Puppets, speaker: Speaker, one: Datagram, station: Station | None = None) -> Datagram | None:
    """The opening as it was seen beyond the uplink; None when it was not."""
    puppets.send(station or speaker.station, one)
    return puppets.hear(speaker.far, lambda seen: same_opening(one, seen))


def reply(seen: Datagram, **changes: object) -> Datagram:
    """What the peer answers to what it saw."""
    if seen.protocol == TCP:
        more: dict[str, object] = {
            "flags": SYN | ACK,
            "sequence": 5000,
            "acknowledged": seen.sequence + 1,
            "segment_size": 1460,
        }
        return seen.answered(**{**more, **changes})
    return seen.answered(**changes)


def came_in(puppets: Puppets, speaker: Speaker, one: Datagram, opened: Datagram) -> Datagram | None:
    """A packet that a peer sends to the mapping, as the speaker saw it: its ends are then those of ``opened``."""
    puppets.send(speaker.far, one)
    return puppets.hear(speaker.station, lambda seen: _is_for(one, seen, opened))


def _is_for(one: Datagram, seen: Datagram, opened: Datagram) -> bool:
    inside = seen.port if seen.protocol != ICMP else seen.source_port
    return (
        seen.source == one.source
        and seen.destination == opened.source
        and seen.protocol == one.protocol
        and inside == opened.source_port
        and (seen.payload, seen.flags) == (one.payload, one.flags)
    )


def comparison(key: str, where: str, expected: str, seen: str) -> Check:
    """Holds when both texts are the same."""
    return Check(f"{key}, {where}", expected, seen, seen == expected)


def untried(key: str, why: str) -> Check:
    """Inconclusive: what could not be tried, and why."""
    return Check(key, "", f"not tried, {why}", None)
