"""What the twin saw, counted per cell of the matrix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bailiwick.network.model import Place

if TYPE_CHECKING:
    from bailiwick.twin.result import Observation  # a matrix alone need not load the twin

_KINDS = ("zone", Place.ROUTER, "uplink", Place.INTERNET, Place.OUTSIDE)


@dataclass(frozen=True, slots=True)
class Tally:
    """Packets of one cell: those whose fate was the one meant, the contrary ones, and those never seen at all."""

    agreed: int = 0
    differed: int = 0
    lost: int = 0


def tally(observations: Iterable[Observation]) -> Mapping[tuple[str, str], Tally]:
    """By (row, column), for every pair that a packet was sent between."""
    counts: dict[tuple[str, str], list[int]] = {}
    for seen in observations:
        count = counts.setdefault((seen.row, seen.column), [0, 0, 0])
        count[0 if seen.agrees else 1 if seen.differs else 2] += 1
    return {pair: Tally(*count) for pair, count in counts.items()}


def axis(known: tuple[str, ...], pairs: Iterable[str]) -> tuple[str, ...]:
    """``known`` and after them the places that packets were sent from (or to) and that no sentence names."""
    return (*known, *sorted(set(pairs) - set(known), key=lambda place: (_rank(place), place)))


def _rank(place: str) -> int:
    kind = place.partition(":")[0]
    return _KINDS.index(kind) if kind in _KINDS else len(_KINDS)
