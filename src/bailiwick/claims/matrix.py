"""Who reaches what, as a table: one row for each place that opens connections, one column for each that answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Cell:
    """``services`` are the words of what is accepted ("any", "https", "tcp/44311 to cloud"), empty for nothing.

    ``sentences`` are the ids of what asked for it, in the file's order. ``derived`` are the words of what opens by
    itself because of another line (DHCP, DNS, a hairpin), in the same manner. ``possibly`` are the words of what may
    pass or not, where something could not be read. ``withheld`` are the ids of what bars a part of it whatever
    sentences say. ``as_zone``: a host's cell that is as that of any other member of its zone.
    """

    services: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    possibly: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    as_zone: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """``rows`` and ``columns`` are place ids: zones in the file's order, then ``router``, uplinks, ``internet``,
    ``outside``; a missing cell is one that no packet can take (a zone to itself).

    Between them may stand ``host:proxy`` (``host:nas@lan`` for one leg of several) and ``group:phones``. ``within``
    says of a host in which place it is; ``alike`` are the hosts that have no row and no column of their own because
    nothing of them differs from their zone.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]
    within: Mapping[str, str] = field(default_factory=dict)
    alike: tuple[str, ...] = ()
