"""Packets that are too large for an uplink, and pieces of packets (RFC 4787 §10, RFC 1191, RFC 879, RFC 2516 §7).

Where something else stands in for a PPPoE session or a tunnel, the stage gives it the MTU that the plan says its
program sets, for as long as this act lasts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from bailiwick.packets.packet import TCP, UDP
from bailiwick.twin.acts.nat.datagrams import (
    ACK,
    FRAGMENTATION_NEEDED,
    MORE_FRAGMENTS,
    SYN,
    UNREACHABLE,
    Datagram,
    fragments,
)
from bailiwick.twin.acts.nat.errors import heard_of
from bailiwick.twin.acts.nat.puppets import Puppets
from bailiwick.twin.acts.nat.speakers import PEERS, Speaker, enter, speakers
from bailiwick.twin.acts.nat.talk import came_in, comparison, opening, reply, sent_out, untried
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.layout import ROUTER
from bailiwick.twin.result import Check
from bailiwick.twin.scene.namespaces import batch, run_in

CLAMPED = "sizes: TCP's segments fit the uplink, both ways"
UNTOUCHED = "sizes: smaller segments stay as they are"
NEEDED = "sizes: the sender is told what fits"
CUT = "sizes: what may be cut is cut, in order"
PIECES = "sizes: packets in pieces, in any order"
IP_AND_TCP = 40  # bytes of headers without options
LARGEST = 1460  # bytes of a segment that fits Ethernet


@contextmanager
def _real_sizes(stage: Stage) -> Iterator[dict[str, int]]:
    """Every uplink's MTU as planned; the stand-ins' own come back after."""
    links = {link["ifname"]: link["mtu"] for link in json.loads(run_in(ROUTER, "ip", "-j", "link"))}
    planned = {line.uplink: stage.plan.interface_of(line.uplink) for line in stage.layout.lines}
    stood_in = {interface.name for interface, _ in stage.layout.stand_ins}
    changed = [one for one in planned.values() if one.mtu and one.name in stood_in]
    batch([f"link set {one.name} mtu {one.mtu}" for one in changed], ROUTER)
    try:
        yield {uplink: one.mtu if one in changed and one.mtu else links[one.name] for uplink, one in planned.items()}
    finally:
        batch([f"link set {one.name} mtu {links[one.name]}" for one in changed], ROUTER)


def sizes(stage: Stage) -> Iterator[Check]:
    """For each uplink that TCP or UDP may leave by."""
    with _real_sizes(stage) as mtus, Puppets(stage) as puppets:
        found = list(speakers(stage, TCP))
        if not found:
            yield untried(CLAMPED, "no zone may open TCP to the internet")
        for speaker in found:
            enter(puppets, speaker)
            yield from _segments(stage, puppets, speaker, mtus[speaker.line.uplink])
        found = list(speakers(stage, UDP))
        if not found:
            yield untried(NEEDED, "no zone may open UDP to the internet")
        for speaker in found:
            enter(puppets, speaker)
            yield from _too_large(puppets, speaker, mtus[speaker.line.uplink])
            yield _pieces(puppets, speaker)


def _segments(stage: Stage, puppets: Puppets, speaker: Speaker, mtu: int) -> Iterator[Check]:
    where = f"{speaker.words}, MTU {mtu}"
    clamped = any(clamp.place == speaker.line.uplink for clamp in stage.plan.clamps)
    fits = mtu - IP_AND_TCP if clamped else LARGEST
    seen: list[str] = []
    for size in (LARGEST, 500):
        opened = replace(opening(speaker, PEERS[0], puppets.fresh_port()), segment_size=size)
        out = sent_out(puppets, speaker, opened)
        back = came_in(puppets, speaker, reply(out, flags=SYN | ACK, segment_size=size), opened) if out else None
        seen.append(" and ".join(str(one.segment_size) if one and one.whole else "lost" for one in (out, back)))
    way_out, _, way_back = seen[0].partition(" and ")
    if fits < LARGEST and stage.plan.interface_of(speaker.line.uplink).mtu is None:
        # By which way the answers' route goes no rule knows (targets/linux/nftables/clamping.py).
        yield comparison(f"{CLAMPED}: out", where, str(fits), way_out)
        yield untried(
            f"{CLAMPED}: back, {where}", f"no rule knows an MTU that the home file does not give: {way_back} came in"
        )
    else:
        yield comparison(CLAMPED, where, f"{fits} and {fits}", seen[0])
    yield comparison(UNTOUCHED, where, "500 and 500", seen[1])


def _large(speaker: Speaker, puppets: Puppets, size: int, fragment: int) -> Datagram:
    """A datagram of that many bytes in all."""
    one = opening(speaker, PEERS[0], puppets.fresh_port())
    return replace(one, payload=bytes(number % 251 for number in range(size - 28)), fragment=fragment, number=4242)


def _too_large(puppets: Puppets, speaker: Speaker, mtu: int) -> Iterator[Check]:
    where = f"{speaker.words}, MTU {mtu}"
    if mtu >= 1500:
        yield untried(f"{NEEDED}, {where}", "everything that a zone can send fits")
        return
    closed = _large(speaker, puppets, mtu + 1, 0x4000)
    puppets.send(speaker.station, closed)
    gateway = speaker.station.gateway
    told = heard_of(puppets, speaker.station, closed, gateway) if gateway else None
    right = told and (told.icmp_type, told.icmp_code) == (UNREACHABLE, FRAGMENTATION_NEEDED)
    yield comparison(NEEDED, where, f"at most {mtu}", f"at most {told.next_mtu}" if right and told else "nothing")
    open_ = _large(speaker, puppets, mtu + 1, 0)
    puppets.send(speaker.station, open_)
    offsets: list[int] = []
    length = 0
    for _ in range(2):
        piece = puppets.hear(speaker.far, lambda got: got.source == speaker.outside and got.fragment & 0x3FFF > 0)
        if piece:
            offsets.append(piece.fragment & 0x1FFF)
            length += len(piece.payload)
    whole = offsets == sorted(offsets) and length == len(open_.payload)
    yield comparison(CUT, where, "two pieces, in order", "two pieces, in order" if whole else f"pieces at {offsets}")


def _pieces(puppets: Puppets, speaker: Speaker) -> Check:
    """Each way, the pieces in order and the last one first; the router may put them together."""
    opened = _large(speaker, puppets, 1200, 0)
    out = sent_out(puppets, speaker, replace(opened, payload=b"hello"))
    if out is None:
        return Check(f"{PIECES}, {speaker.words}", "all arrive", "the opening was lost", False)
    lost: list[str] = []
    for name, turned in (("in order", False), ("last one first", True)):
        answer = reply(out, payload=opened.payload, fragment=0, number=77 + turned)
        for way, one, sender, target, from_whom in (
            ("out", replace(opened, number=99 + turned), speaker.station, speaker.far, speaker.outside),
            ("in", answer, speaker.far, speaker.station, PEERS[0]),
        ):
            pieces = fragments(one, 400)
            for piece in reversed(pieces) if turned else pieces:
                puppets.send(sender, piece)
            if _collected(puppets, target.name, from_whom) != len(opened.payload):
                lost.append(f"{way} {name}")
    seen = f"lost: {', '.join(lost)}" if lost else "all arrive"
    return comparison(PIECES, speaker.words, "all arrive", seen)


def _collected(puppets: Puppets, station: str, source: object) -> int:
    """Bytes of payload that arrive from there, in one packet or in pieces, up to the last piece."""
    total = 0
    while got := puppets.hear(station, lambda got: got.source == source and len(got.payload) > 100):
        total += len(got.payload)
        if not got.fragment & MORE_FRAGMENTS and total >= 1172:
            break
    return total
