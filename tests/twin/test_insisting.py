"""A packet that nobody saw is sent again; one that was seen is not."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address

from bailiwick.network.model import Place
from bailiwick.packets.packet import UDP, Packet
from bailiwick.twin.result import Fate
from bailiwick.twin.script import Probe, Sighting
from bailiwick.twin.wire.prober import TRIES, insisted

HERE, THERE = IPv4Address("192.0.2.1"), IPv4Address("198.51.100.1")


def probe(serial: int) -> Probe:
    packet = Packet("zone:lan", Place.ROUTER, HERE, THERE, UDP, 40_000, 53)
    return Probe(serial, "lan", packet, THERE, 53, Fate.DROPPED, "zone:lan", Place.ROUTER)


class Busy:
    """A wire on which the packets of these serials are not seen before so many were sent."""

    def __init__(self, late: dict[int, int]) -> None:
        self._late = dict(late)
        self.sent: list[tuple[list[int], float]] = []

    def send(self, probes: Iterable[Probe], patience: float) -> dict[int, Sighting]:
        serials = [probe.serial for probe in probes]
        self.sent.append((serials, patience))
        for serial in serials:
            self._late[serial] = self._late.get(serial, 1) - 1
        return {serial: Sighting(entered=self._late[serial] <= 0) for serial in serials}


def test_what_was_seen_is_sent_once() -> None:
    wire = Busy({})

    seen = insisted(wire.send, [probe(1), probe(2)], 0.5)

    assert wire.sent == [([1, 2], 0.5)]
    assert not any(one.unseen for one in seen.values())


def test_what_nobody_saw_is_sent_again_with_more_patience() -> None:
    wire = Busy({2: 3})

    seen = insisted(wire.send, [probe(1), probe(2)], 0.5)

    assert wire.sent == [([1, 2], 0.5), ([2], 1.0), ([2], 2.0)]
    assert not any(one.unseen for one in seen.values())


def test_it_ends_with_what_is_never_seen() -> None:
    wire = Busy({2: TRIES + 1})

    seen = insisted(wire.send, [probe(1), probe(2)], 0.5)

    assert len(wire.sent) == TRIES
    assert (seen[1].unseen, seen[2].unseen) == (False, True)
