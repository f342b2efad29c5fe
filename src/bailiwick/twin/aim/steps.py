"""One pair of an owned host's blast radius."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """``origin`` stands somewhere and reaches for ``target``; ``claimed`` is whether the blast radius says that it
    gets there, ``services`` what by. ``serials`` are the packets that try it."""

    origin: str
    target: str
    claimed: bool
    services: tuple[str, ...]
    serials: tuple[int, ...]
