"""Patience is counted in looks: what a busy machine takes from us is not waited."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bailiwick.packets.packet import UDP
from bailiwick.twin.wire.conversations import LONGER, Call, Exchange
from bailiwick.twin.wire.patience import LOOK, looks
from tests.twin.test_insisting import HERE, THERE


def waited(seconds: float, each: Callable[[float], float]) -> list[float]:
    """The looks, where one that may take so long takes what ``each`` says."""
    found: list[float] = []
    times = [0.0]
    for look in looks(seconds, lambda: times[-1]):
        found.append(look)
        times.append(times[-1] + each(look))
    return found


def test_the_looks_are_as_long_as_the_patience_and_the_last_takes_what_is_there() -> None:
    found = waited(0.5, lambda look: look)

    assert sum(found) == pytest.approx(0.5)
    assert max(found) == LOOK
    assert found[-1] == 0.0


def test_a_look_that_is_cut_short_counts_as_long_as_it_took() -> None:
    assert len(waited(0.5, lambda look: look / 2)) > 2 * len(waited(0.5, lambda look: look)) - 10


def test_while_others_have_the_processor_nobody_waits() -> None:
    assert len(waited(0.5, lambda _: 60.0)) == len(waited(0.5, lambda look: look))


def test_without_patience_what_is_there_is_still_taken() -> None:
    assert waited(0.0, lambda look: look) == [0.0]


class Deaf(Exchange):
    """Calls that nobody answers before the patience is as long as this."""

    def __init__(self, least: float) -> None:
        super().__init__()
        self.least = least
        self.called: list[tuple[list[int], float]] = []

    def call(self, calls: object, patience: float) -> list[bytes | None]:
        assert isinstance(calls, list)
        self.called.append(([one.port for one in calls], patience))
        return [b"yes" if patience >= self.least or one.port == 1 else None for one in calls]


def calls(*ports: int) -> list[Call]:
    return [Call("lan", HERE, THERE, UDP, port) for port in ports]


def test_what_nobody_answered_is_asked_again_with_more_patience() -> None:
    exchange = Deaf(1.0)

    assert exchange.insist(calls(1, 2, 3), 0.5) == [b"yes", b"yes", b"yes"]
    assert exchange.called == [([1, 2, 3], 0.5), ([2, 3], 0.5 * LONGER)]
    exchange.close()


def test_what_was_answered_is_asked_once_and_silence_stays_silence() -> None:
    quick, never = Deaf(0.0), Deaf(1e9)

    assert quick.insist(calls(1, 2), 0.5) == [b"yes", b"yes"]
    assert len(quick.called) == 1
    assert never.insist(calls(2), 0.5) == [None]
    quick.close()
    never.close()
