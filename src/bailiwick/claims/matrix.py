"""Who reaches what, as a table: one row for each place that opens connections, one column for each that answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """``services`` are the words of what is accepted ("any", "https", "tcp/44311 to cloud"), empty for nothing.

    ``sentences`` are the ids of what asked for it, in the file's order. ``derived`` are the words of what opens by
    itself because of another line (DHCP, DNS, a hairpin), in the same manner.
    """

    services: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matrix:
    """``rows`` and ``columns`` are place ids: zones in the file's order, then ``router``, uplinks, ``internet``,
    ``outside``; a missing cell is one that no packet can take (a zone to itself)."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]
