"""How long a mapping lives, and what keeps it alive (RFC 4787 §4.3, RFC 5382 §5, RFC 5508 §3.2).

What the kernel holds is read; what it does with it is tried with timers of three seconds, which go back to what they
were. The settings are ``nf_conntrack_*`` of Documentation/networking/nf_conntrack-sysctl.rst.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.twin.acts.nat.datagrams import HOST_UNREACHABLE, SYN, UNREACHABLE, Datagram, complaint, packed
from bailiwick.twin.acts.nat.puppets import Puppets
from bailiwick.twin.acts.nat.speakers import PEERS, Speaker, enter, far_of, speakers
from bailiwick.twin.acts.nat.talk import NAMES, comparison, opening, reply, sent_out, untried
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.layout import ROUTER, Station
from bailiwick.twin.result import Check
from bailiwick.twin.scene.namespaces import within

SETTINGS = Path("/proc/sys/net/netfilter")
UDP_TIMER = "timers: UDP lives two minutes, in conversation five"
QUERY_TIMER = "timers: a query lives a minute"
TCP_TIMER = "timers: an idle TCP connection lives two hours and four minutes"
TCP_TRANSITORY = "timers: a TCP connection that opens or closes"
OUTBOUND = "timers: what is sent keeps a mapping"
INBOUND = "timers: what the peer sends keeps a mapping"
UNWANTED = "timers: what a stranger sends keeps no mapping"
ERRORS = "timers: an error keeps no mapping"
EXPIRED = "timers: a mapping that nothing keeps ends"
SILENT = "timers: six seconds of silence for an opening that nobody asked for"
SHORT = 3  # seconds, of each timer while they are tried
MEANWHILE = 2.0  # seconds, when something may keep a mapping
LAST = 4.4  # seconds, when the mappings are looked at
BORN_BY, KEPT_BY, SEEN_BY = 1.0, 2.8, 4.9
"""Seconds after which nothing can be said: some mapping could still live, or be gone."""
SILENCE = 6.2  # seconds; RFC 5382 REQ-4

AT_LEAST = {
    UDP_TIMER: {"udp_timeout": 120, "udp_timeout_stream": 300},
    QUERY_TIMER: {"icmp_timeout": 60},
    TCP_TIMER: {"tcp_timeout_established": 7440},
}
TRANSITORY = {
    "tcp_timeout_syn_sent": 120,
    "tcp_timeout_syn_recv": 60,
    "tcp_timeout_fin_wait": 120,
    "tcp_timeout_close_wait": 60,
    "tcp_timeout_last_ack": 30,
}
"""Linux's own, all below the four minutes that RFC 5382 REQ-5 asks for."""


def _setting(name: str) -> Path:
    return SETTINGS / f"nf_conntrack_{name}"


def timers(stage: Stage) -> Iterator[Check]:
    """First what the router holds, then what that does, for all protocols at once."""
    with within(ROUTER):
        held = {name: int(_setting(name).read_text()) for wanted in AT_LEAST.values() for name in wanted}
        transitory = ", ".join(f"{name} {_setting(name).read_text().strip()}" for name in TRANSITORY)
    for key, wanted in AT_LEAST.items():
        expected = ", ".join(f"{name} at least {least}" for name, least in wanted.items())
        seen = ", ".join(f"{name} {held[name]}" for name in wanted)
        yield Check(f"{key}, as set", expected, seen, all(held[name] >= least for name, least in wanted.items()))
    yield comparison(
        TCP_TRANSITORY, "as set", ", ".join(f"{name} {value}" for name, value in TRANSITORY.items()), transitory
    )
    with Puppets(stage) as puppets:
        unasked = [_unasked(puppets, stage, line.uplink) for line in stage.layout.lines]
        began = time.monotonic()
        with _short():
            yield from _tried(stage, puppets)
        puppets.wait(max(0.0, began + SILENCE - time.monotonic()))
        for uplink, word in unasked:
            told = puppets.all_heard(partial(_is_about, word))
            yield comparison(SILENT, f"by {uplink.partition(':')[2]}", "silence", "an answer" if told else "silence")


def _unasked(puppets: Puppets, stage: Stage, uplink: str) -> tuple[str, bytes]:
    """An opening from outside to a port where nobody is, and its source port as a word to know the answer by."""
    far, port = far_of(stage, uplink), puppets.fresh_port()
    puppets.play(far, *PEERS)
    outside = stage.layout.line(uplink).address.ip
    puppets.send(far, Datagram(PEERS[0], outside, TCP, port, 4711, flags=SYN, sequence=1))
    return uplink, port.to_bytes(2, "big")


def _about(one: Datagram) -> bytes:
    """The port of PEERS[0] that a packet to it is for, or is about."""
    if one.destination != PEERS[0]:
        return b""
    return (one.quoted.source_port if one.quoted else one.port).to_bytes(2, "big")


@contextmanager
def _short() -> Iterator[None]:
    names = ("udp_timeout", "udp_timeout_stream", "icmp_timeout")
    with within(ROUTER):
        before = {name: _setting(name).read_text() for name in names}
        for name in names:
            _setting(name).write_text(str(SHORT))
    try:
        yield
    finally:
        with within(ROUTER):
            for name, value in before.items():
                _setting(name).write_text(value)


@dataclass(frozen=True, slots=True)
class _Life:
    """One mapping: what happens to it meanwhile, and whether it should be there at the end."""

    key: str
    speaker: Speaker
    opened: Datagram
    out: Datagram
    lives: bool
    meanwhile: tuple[Station, Datagram] | None


def _lives(puppets: Puppets, speaker: Speaker) -> Iterator[_Life]:
    for key in (EXPIRED, OUTBOUND, INBOUND, UNWANTED, ERRORS):
        opened = opening(speaker, PEERS[0], puppets.fresh_port())
        out = sent_out(puppets, speaker, opened)
        if out is None:
            continue
        again = reply(out, payload=b"again")
        meanwhile = {
            OUTBOUND: (speaker.station, replace(opened, payload=b"again")),
            INBOUND: (speaker.far, again),
            UNWANTED: (speaker.far, replace(again, source=PEERS[1])),
            ERRORS: (speaker.far, complaint(packed(out), PEERS[0], UNREACHABLE, HOST_UNREACHABLE)),
        }
        yield _Life(key, speaker, opened, out, key in (OUTBOUND, INBOUND), meanwhile.get(key))


def _tried(stage: Stage, puppets: Puppets) -> Iterator[Check]:
    began = time.monotonic()
    found: list[_Life] = []
    for protocol in (UDP, ICMP):
        able = list(speakers(stage, protocol))
        if not able:
            yield untried(f"{EXPIRED}, {NAMES[protocol]}", "no zone may open it to the internet")
        for speaker in able:
            enter(puppets, speaker)
            found += _lives(puppets, speaker)
    late = time.monotonic() > began + BORN_BY
    puppets.wait(began + MEANWHILE - time.monotonic())
    for one in found:
        if one.meanwhile:
            puppets.send(*one.meanwhile)
    late = late or time.monotonic() > began + KEPT_BY
    puppets.wait(began + LAST - time.monotonic())
    puppets.forget()
    checks = list(_still_there(puppets, found))
    if late or time.monotonic() > began + SEEN_BY:
        yield untried(EXPIRED, "this machine is too busy for timers of a few seconds")
    else:
        yield from checks


def _still_there(puppets: Puppets, found: Sequence[_Life]) -> Iterator[Check]:
    """An answer to each mapping, and who got it."""
    for one in found:
        puppets.send(one.speaker.far, reply(one.out, payload=b"late"))
    puppets.wait(0.3)
    for one in found:
        number = one.opened.source_port
        ends = puppets.hear(
            one.speaker.station,
            partial(_is_late, number),
            0,
        )
        where = f"{NAMES[one.speaker.protocol]} from {one.speaker.words}"
        expected = "it is there" if one.lives else "it is gone"
        yield comparison(one.key, where, expected, "it is there" if ends else "it is gone")


def _is_about(word: bytes, got: Datagram) -> bool:
    return word == _about(got)


def _is_late(number: int, got: Datagram) -> bool:
    return got.payload == b"late" and number in (got.port, got.source_port)
