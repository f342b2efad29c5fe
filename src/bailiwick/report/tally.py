"""What the twin saw, counted per cell of the matrix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bailiwick.claims.matrix import Matrix
from bailiwick.network.model import Place
from bailiwick.network.special import PUBLIC

if TYPE_CHECKING:
    from bailiwick.twin.result import Observation  # a matrix alone need not load the twin

_KINDS = ("zone", Place.ROUTER, "uplink", Place.INTERNET, Place.OUTSIDE)


@dataclass(frozen=True, slots=True)
class Tally:
    """Packets of one cell: those whose fate was the one meant, the contrary ones, and those never seen at all."""

    agreed: int = 0
    differed: int = 0
    lost: int = 0


def tally(observations: Iterable[Observation], matrix: Matrix) -> Mapping[tuple[str, str], Tally]:
    """By (row, column) of ``matrix``, for every pair that a packet was sent between.

    The twin names the uplink that a packet came or went by. Where the matrix has no such place, what enters by an
    uplink or by an interface that nobody named is the outside's, and what leaves by an uplink is bound for the
    internet.
    """
    counts: dict[tuple[str, str], list[int]] = {}
    for seen in observations:
        count = counts.setdefault(cell_of(seen, matrix), [0, 0, 0])
        count[0 if seen.agrees else 1 if seen.differs else 2] += 1
    return {pair: Tally(*count) for pair, count in counts.items()}


def cell_of(seen: Observation, matrix: Matrix) -> tuple[str, str]:
    """The row and column of ``matrix`` that a packet belongs to."""
    row, column = seen.row, seen.column
    if row not in matrix.rows and Place.OUTSIDE in matrix.rows and row.startswith(("uplink:", Place.UNKNOWN)):
        row = Place.OUTSIDE
    public = int(seen.packet.destination) in PUBLIC
    if column.startswith("uplink:") and Place.INTERNET in matrix.columns and (public or column not in matrix.columns):
        column = Place.INTERNET
    return row, column


def axis(known: tuple[str, ...], pairs: Iterable[str]) -> tuple[str, ...]:
    """``known`` and after them the places that packets were sent from (or to) and that no sentence names."""
    return (*known, *sorted(set(pairs) - set(known), key=lambda place: (_rank(place), place)))


def _rank(place: str) -> int:
    kind = place.partition(":")[0]
    return _KINDS.index(kind) if kind in _KINDS else len(_KINDS)
