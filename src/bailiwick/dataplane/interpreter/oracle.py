"""Who answers what no configuration says: whether an unknown test holds, what an unknown target does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from bailiwick.dataplane.interpreter.packet import Address
from bailiwick.dataplane.rules import Accept, Continue, Drop, Target, Unknown, Verdict, Whatever

Assume = Callable[[Unknown], bool]


class Undecided(Exception):
    """It hangs on something unknown, and nobody was asked."""


class Oracle(Protocol):
    def holds(self, test: Unknown) -> bool: ...
    def verdict(self, whatever: Whatever) -> Verdict: ...
    def egress(self, interfaces: Sequence[str]) -> str: ...
    def target(self, target: Target, address: Address, port: int) -> tuple[Address, int]:
        """What a translation of this address and port becomes."""


def nearest(target: Target, address: Address, port: int) -> tuple[Address, int]:
    """The first address; the port that it has where that is in the range, else the first (nf_nat_core.c)."""
    if target.first is not None and target.last is not None:
        inside = target.first.version == address.version and int(target.first) <= int(address) <= int(target.last)
        address = address if inside else target.first
    elif target.first is not None:
        address = target.first
    if target.ports is not None and not target.ports[0] <= port <= target.ports[1]:
        port = target.ports[0]
    return address, port


class Assuming:
    """Answers by the caller's word; without one, raises Undecided. A steady unknown is asked once for each key."""

    def __init__(self, assume: Assume | None = None, egress: str | None = None) -> None:
        self._assume, self._egress = assume, egress
        self._steady: dict[str, bool] = {}

    def holds(self, test: Unknown) -> bool:
        key = test.key or test.text
        if test.steady and key in self._steady:
            return self._steady[key]
        if self._assume is None:
            raise Undecided(test.text)
        answer = self._assume(test)
        if test.steady:
            self._steady[key] = answer
        return answer

    def verdict(self, whatever: Whatever) -> Verdict:
        raise Undecided(whatever.text)

    def egress(self, interfaces: Sequence[str]) -> str:  # noqa: ARG002  # one answer, whatever there is
        if self._egress is None:
            raise Undecided("no routes are known, so it may leave by any interface")
        return self._egress

    def target(self, target: Target, address: Address, port: int) -> tuple[Address, int]:
        return nearest(target, address, port)


class Exploring:
    """Follows a list of choices and takes the first of each further one, writing down how many there were."""

    def __init__(self, choices: Sequence[int], egress: str | None = None) -> None:
        self._choices, self._egress = choices, egress
        self._steady: dict[str, bool] = {}
        self.taken: list[tuple[int, int]] = []
        """Choice and number of choices, in order."""

    def _choose(self, number: int) -> int:
        at = len(self.taken)
        choice = self._choices[at] if at < len(self._choices) else 0
        self.taken.append((choice, number))
        return choice

    def holds(self, test: Unknown) -> bool:
        key = test.key or test.text
        if test.steady and key in self._steady:
            return self._steady[key]
        answer = bool(self._choose(2))
        if test.steady:
            self._steady[key] = answer
        return answer

    def verdict(self, whatever: Whatever) -> Verdict:  # noqa: ARG002  # each may do each
        options = (Continue(), Accept(), Drop())
        return options[self._choose(len(options))]

    def egress(self, interfaces: Sequence[str]) -> str:
        if self._egress is not None:
            return self._egress
        if not interfaces:
            raise Undecided("no routes are known, and no interface either")
        return interfaces[self._choose(len(interfaces))]

    def target(self, target: Target, address: Address, port: int) -> tuple[Address, int]:
        return nearest(target, address, port)
