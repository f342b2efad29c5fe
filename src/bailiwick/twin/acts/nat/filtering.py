"""Who may speak to a mapping from outside (RFC 4787 §5, RFC 5382 §4.3 and §5).

conntrack lets in what fits a connection in every field: the peer's address and its port. That is the strictest of the
three behaviours, "address and port-dependent": chosen for security, not for transparency.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bailiwick.packets.packet import ICMP, TCP
from bailiwick.twin.acts.nat.datagrams import ACK, RST, SYN, Datagram
from bailiwick.twin.acts.nat.puppets import Puppets, Test
from bailiwick.twin.acts.nat.speakers import PEERS, Speaker
from bailiwick.twin.acts.nat.talk import NAMES, came_in, comparison, each_speaker, opening, reply, sent_out
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.result import Check

FILTER = "NAT: who may answer"
SIMULTANEOUS = "NAT: both ends open at once"
UNASKED = "NAT: an opening that came before ours is dropped in silence"
SEQUENCES = "NAT: a TCP connection from its opening to its end"
FORGED_RESET = "NAT: a reset outside the window"


def filtering(stage: Stage) -> Iterator[Check]:
    """Strangers answer, for each protocol and uplink; TCP connections of every kind."""
    yield from each_speaker(stage, FILTER, _played)


def _played(puppets: Puppets, speaker: Speaker) -> Iterator[Check]:
    yield _strangers(puppets, speaker)
    if speaker.protocol == TCP:
        yield _at_once(puppets, speaker)
        yield from _whole(puppets, speaker)


def _strangers(puppets: Puppets, speaker: Speaker) -> Check:
    where = f"{NAMES[speaker.protocol]} from {speaker.words}"
    opened = opening(speaker, PEERS[0], puppets.fresh_port())
    seen = sent_out(puppets, speaker, opened)
    if seen is None:
        return Check(f"{FILTER}, {where}", "the peer alone", "the opening was lost", False)
    right = reply(seen)
    another_port = replace(right, source_port=right.source_port + 1)
    if speaker.protocol == ICMP:
        another_port = replace(right, source_port=right.source_port ^ 0x4000)  # a query that nobody asked
    strangers = {"another port of it": another_port, "another host": replace(right, source=PEERS[1])}
    for one in strangers.values():
        puppets.send(speaker.far, one)
    peer = came_in(puppets, speaker, right, opened)
    passed = ["the peer"] if peer else []
    passed += [name for name, one in strangers.items() if puppets.hear(speaker.station, _from(one), 0.05)]
    return comparison(
        FILTER, where, "the peer alone", " and ".join(passed) + (" alone" if passed == ["the peer"] else "")
    )


def _from(one: Datagram) -> Test:
    return lambda got: (got.source, got.source_port) == (one.source, one.source_port)


def _at_once(puppets: Puppets, speaker: Speaker) -> Check:
    """RFC 5382 REQ-2a and REQ-4: a peer's opening before ours meets silence; after ours, it passes."""
    where = f"TCP from {speaker.words}"
    port = puppets.fresh_port()
    early = Datagram(PEERS[0], speaker.outside, TCP, speaker.port, port, flags=SYN, sequence=7000, segment_size=1460)
    puppets.send(speaker.far, early)
    told = puppets.hear(speaker.far, lambda seen: seen.destination == PEERS[0] and (seen.error or seen.flags & RST > 0))
    opened = opening(speaker, PEERS[0], port)
    out = sent_out(puppets, speaker, opened)
    if out is None:
        return Check(f"{SIMULTANEOUS}, {where}", "both openings pass", "ours was lost", False)
    # The peer's opening again, now that ours is on its way, and what each side says to the other's.
    again = came_in(puppets, speaker, replace(early, port=out.source_port), opened)
    puppets.send(speaker.station, replace(opened, flags=SYN | ACK, acknowledged=7001))
    ours = puppets.hear(speaker.far, lambda seen: seen.flags == SYN | ACK and seen.source == speaker.outside)
    theirs = came_in(puppets, speaker, reply(out, sequence=7000), opened)
    data = came_in(puppets, speaker, reply(out, sequence=7001, flags=ACK, payload=b"data", segment_size=None), opened)
    steps = {"early one dropped in silence": told is None, "opening": again, "our answer": ours, "answer": theirs}
    steps["data"] = data
    lost = [name for name, there in steps.items() if not there]
    return comparison(
        f"{SIMULTANEOUS}; {UNASKED}", where, "all as asked", f"lost: {', '.join(lost)}" if lost else "all as asked"
    )


def _whole(puppets: Puppets, speaker: Speaker) -> Iterator[Check]:
    """Opening, data both ways, a forged reset, the real end (RFC 9293 §3.5 and §3.6)."""
    where = f"TCP from {speaker.words}"
    opened = opening(speaker, PEERS[1], puppets.fresh_port())
    out = sent_out(puppets, speaker, opened)
    if out is None:
        yield Check(f"{SEQUENCES}, {where}", "every packet passes", "the opening was lost", False)
        return
    mine = replace(opened, flags=ACK, sequence=1001, acknowledged=5001, segment_size=None)
    theirs = reply(out, flags=ACK, sequence=5001, acknowledged=1001, segment_size=None)

    def outwards(one: Datagram) -> bool:
        puppets.send(speaker.station, one)
        return puppets.hear(speaker.far, lambda got: _alike(one, got) and got.source == speaker.outside) is not None

    def inwards(one: Datagram) -> bool:
        return came_in(puppets, speaker, one, opened) is not None

    steps = {
        "SYN, ACK": inwards(reply(out)),
        "ACK": outwards(mine),
        "data out": outwards(replace(mine, payload=b"question")),
        "data in": inwards(replace(theirs, acknowledged=1009, payload=b"answer")),
    }
    forged = inwards(replace(theirs, flags=RST, sequence=5001 + 0x40000000, acknowledged=0))
    steps |= {
        "data after the forged reset": inwards(replace(theirs, sequence=5007, acknowledged=1009, payload=b"more")),
        "FIN in": inwards(replace(theirs, flags=ACK | 1, sequence=5011, acknowledged=1009)),
        "FIN out": outwards(replace(mine, flags=ACK | 1, sequence=1009, acknowledged=5012)),
        "last ACK": inwards(replace(theirs, sequence=5012, acknowledged=1010)),
    }
    lost = [name for name, there in steps.items() if not there]
    yield comparison(
        SEQUENCES, where, "every packet passes", f"lost: {', '.join(lost)}" if lost else "every packet passes"
    )
    yield comparison(FORGED_RESET, where, "dropped", "passed" if forged else "dropped")


def _alike(one: Datagram, got: Datagram) -> bool:
    return (one.flags, one.sequence, one.payload, one.destination) == (
        got.flags,
        got.sequence,
        got.payload,
        got.destination,
    )
