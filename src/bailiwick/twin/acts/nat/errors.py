"""ICMP errors about translated packets, from outside and from inside (RFC 5508 §4, RFC 4787 §9 and §11, RFC 5382 §8).

An error is for whoever sent the packet that it quotes: outer destination and quoted header are turned back, type and
code stay (``nf_nat_icmp_reply_translation``, net/netfilter/nf_nat_proto.c).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import IPv4Address

from bailiwick.packets.packet import ICMP
from bailiwick.twin.acts.nat.datagrams import (
    FRAGMENTATION_NEEDED,
    HOST_UNREACHABLE,
    PORT_UNREACHABLE,
    TIME_EXCEEDED,
    UNREACHABLE,
    Datagram,
    complaint,
    packed,
)
from bailiwick.twin.acts.nat.puppets import Puppets
from bailiwick.twin.acts.nat.speakers import BETWEEN, PEERS, Speaker
from bailiwick.twin.acts.nat.talk import NAMES, came_in, comparison, each_speaker, opening, reply, sent_out
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.layout import Station
from bailiwick.twin.result import Check

FROM_OUTSIDE = "NAT: errors from outside, turned back"
FROM_INSIDE = "NAT: errors from inside, translated"
SURVIVES = "NAT: an error ends no mapping"
UNKNOWN = "NAT: errors about nothing that is known"
BAD_CHECKSUM = "NAT: errors with a wrong checksum"
BAD_QUOTED = "NAT: errors that quote a header with a wrong checksum"
WITH_OPTIONS = "NAT: errors that quote a header with options"
QUENCH = "NAT: source quench about a known connection"
SOURCE_QUENCH = 4
KINDS = {
    "host unreachable": (UNREACHABLE, HOST_UNREACHABLE, 0),
    "port unreachable": (UNREACHABLE, PORT_UNREACHABLE, 0),
    "fragmentation needed": (UNREACHABLE, FRAGMENTATION_NEEDED, 1400),
    "time exceeded": (TIME_EXCEEDED, 0, 0),
}


def errors(stage: Stage) -> Iterator[Check]:
    """For each protocol and uplink: errors by the peer and by a router between."""

    def play(puppets: Puppets, speaker: Speaker) -> Iterator[Check]:
        yield from _outside(stage, puppets, speaker)
        yield _inside(puppets, speaker)

    yield from each_speaker(stage, FROM_OUTSIDE, play)


def heard_of(
    puppets: Puppets, station: Station, about: Datagram, sender: IPv4Address, patience: float | None = None
) -> Datagram | None:
    """An ICMP error from that sender whose quoted packet has the ends of ``about``, at the station."""

    def quotes(seen: Datagram) -> bool:
        one = seen.quoted
        if not seen.error or one is None or seen.source != sender or seen.destination != about.source:
            return False
        ends = (one.source, one.destination, one.protocol, one.source_port)
        return ends == (about.source, about.destination, about.protocol, about.source_port)

    return puppets.hear(station, quotes, patience)


def _outside(stage: Stage, puppets: Puppets, speaker: Speaker) -> Iterator[Check]:
    where = f"{NAMES[speaker.protocol]} from {speaker.words}"
    opened = opening(speaker, PEERS[0], puppets.fresh_port())
    out = sent_out(puppets, speaker, opened)
    if out is None:
        yield Check(f"{FROM_OUTSIDE}, {where}", "all", "the opening was lost", False)
        return
    about = packed(out)
    lost: list[str] = []
    for name, (kind, code, mtu) in KINDS.items():
        for sender in (PEERS[0], BETWEEN):
            puppets.send(speaker.far, complaint(about, sender, kind, code, mtu))
            told = heard_of(puppets, speaker.station, opened, sender)
            right = told and (told.icmp_type, told.icmp_code, told.next_mtu) == (kind, code, mtu) and told.whole
            if not (right and told and told.quoted and told.quoted.port == opened.port):
                lost.append(f"{name} by {sender}")
    yield comparison(FROM_OUTSIDE, where, "all", f"not {', '.join(lost)}" if lost else "all")
    alive = came_in(puppets, speaker, reply(out), opened)
    yield comparison(SURVIVES, where, "an answer passes", "an answer passes" if alive else "no answer passes")
    # The kernel's WireGuard vouches for what it has decrypted, and nobody looks at checksums after it
    # (CHECKSUM_UNNECESSARY, wg_packet_consume_data_done, drivers/net/wireguard/receive.c); what comes by a tun is
    # looked at.
    real = stage.router.tunnel_ports() and not stage.layout.userspace
    vouched = real and speaker.line.uplink in stage.layout.tunnels
    yield from _doubtful(puppets, speaker, out, "passed" if vouched else "dropped")


def _doubtful(puppets: Puppets, speaker: Speaker, out: Datagram, unsound: str) -> Iterator[Check]:
    """What a translator should not pass on, one sender for each so that they are told apart. ``unsound`` is what
    becomes of a wrong checksum."""
    where = f"{NAMES[speaker.protocol]} from {speaker.words}"
    about = packed(out)
    senders = [BETWEEN + number for number in range(1, 6)]
    unknown = packed(replace(out, source_port=out.source_port ^ 0x1000))
    puppets.send(speaker.far, complaint(unknown, senders[0], UNREACHABLE, HOST_UNREACHABLE))
    wrong = bytearray(packed(complaint(about, senders[1], UNREACHABLE, HOST_UNREACHABLE)))
    wrong[22] ^= 0xFF  # of the ICMP checksum
    puppets.send(speaker.far, bytes(wrong))
    quoted = bytearray(about)
    quoted[10] ^= 0xFF  # of the quoted header's
    puppets.send(speaker.far, complaint(bytes(quoted), senders[2], UNREACHABLE, HOST_UNREACHABLE))
    optional = packed(replace(out, options=b"\x01\x01\x01\x00"))
    puppets.send(speaker.far, complaint(optional, senders[3], UNREACHABLE, HOST_UNREACHABLE))
    quench = replace(complaint(about, senders[4], UNREACHABLE, 0), icmp_type=SOURCE_QUENCH)
    puppets.send(speaker.far, _as_error(quench))
    passed = {
        sender
        for sender in senders
        if puppets.hear(
            speaker.station,
            partial(_message_of, sender),
            0.4 if sender == senders[0] else 0.02,
        )
    }
    told = puppets.hear(speaker.far, lambda got: got.destination in senders, 0.02)
    for key, sender, expected in (
        (UNKNOWN, senders[0], "dropped"),
        (BAD_CHECKSUM, senders[1], unsound),
        (BAD_QUOTED, senders[2], "passed"),
        (WITH_OPTIONS, senders[3], "passed"),
        (QUENCH, senders[4], "passed"),
    ):
        seen = "passed" if sender in passed else "dropped"
        yield comparison(key, where, expected, f"{seen}, and answered" if told and told.destination == sender else seen)


def _as_error(one: Datagram) -> bytes:
    """Of a type that ``datagrams`` knows no words for: the four bytes before the quoted packet are 0."""
    return packed(replace(one, source_port=0, port=0))


def _inside(puppets: Puppets, speaker: Speaker) -> Check:
    """The speaker refuses an answer; so does another host of its zone, as a router inside would."""
    where = f"{NAMES[speaker.protocol]} from {speaker.words}"
    opened = opening(speaker, PEERS[0], puppets.fresh_port())
    out = sent_out(puppets, speaker, opened)
    if out is None:
        return Check(f"{FROM_INSIDE}, {where}", "all, from the uplink's address", "the opening was lost", False)
    answer = reply(out)
    puppets.send(speaker.far, answer)
    got = puppets.hear_bytes(
        speaker.station, lambda seen: seen.source == PEERS[0] and seen.destination == speaker.source
    )
    if got is None:
        return Check(f"{FROM_INSIDE}, {where}", "all, from the uplink's address", "the answer was lost", False)
    lost: list[str] = []
    for station, sender in ((speaker.station, speaker.source), *speaker.others[:1]):
        puppets.send(station, complaint(got[1], sender, UNREACHABLE, PORT_UNREACHABLE))
        told = heard_of(puppets, speaker.far, answer, speaker.outside)
        right = told and told.whole and told.quoted and told.quoted.port == answer.port
        if not right or (told and (told.icmp_type, told.icmp_code) != (UNREACHABLE, PORT_UNREACHABLE)):
            lost.append(str(sender))
    seen = f"not those of {', '.join(lost)}" if lost else "all, from the uplink's address"
    return comparison(FROM_INSIDE, where, "all, from the uplink's address", seen)


def _message_of(sender: IPv4Address, got: Datagram) -> bool:
    return got.protocol == ICMP and got.source == sender
