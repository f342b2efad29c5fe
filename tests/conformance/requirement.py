"""One row of docs/conformance.md: what a standard asks, what the router does, and the act that tries it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.result import Check

Act = Callable[[Stage], Iterable[Check]]


class Met(StrEnum):
    YES = "yes"
    PARTLY = "in part"
    NO = "no"
    NONE = "none"
    """It cannot be asked of this router, or nothing tries it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """An act, and how the subjects of those of its checks begin that bear on the requirement."""

    act: Act
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Requirement:
    """``words`` are our own. ``note`` says how far it is met, or why not; every NO, PARTLY and NONE has one."""

    standard: str  # "RFC 4787"
    number: str  # "REQ-1"
    words: str
    met: Met
    note: str = ""
    trials: tuple[Trial, ...] = ()


def over(protocol: str, *keys: str) -> tuple[str, ...]:
    """The keys of checks that are made for each protocol, for this one: "UDP", "TCP" or "ICMP"."""
    return tuple(f"{key}, {protocol}" for key in keys)


def tried(act: Act, *keys: str) -> tuple[Trial, ...]:
    """By one act."""
    return (Trial(act, keys),)
