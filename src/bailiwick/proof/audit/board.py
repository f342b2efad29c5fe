"""Who reaches what: the matrix of a device that somebody else configured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bailiwick.claims.matrix import Cell, Matrix
from bailiwick.network.model import Place
from bailiwick.network.special import PUBLIC
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Box, Region
from bailiwick.packets.region_wording import addresses
from bailiwick.proof.audit.services import FIELDS, box_words, of_service, words
from bailiwick.proof.audit.view import ROUTER, View
from bailiwick.proof.audit.zones import Zone

_BOXES = 60
_GROUPS = 5
_FEW = 8
_FEW_SOURCES = 8
LARGE = 20
"""Zones: beyond, a cell says how open a way is, and not for whom."""
_ENDS = (header.SOURCE, header.DESTINATION)


def board(view: View, asked: Sequence[str] = ()) -> Matrix:
    """``asked`` are names of services: then cells speak of no others. Raises ValueError for one that is none.

    What passes only from, or to, a part of a place says so. Unknown interfaces have a row and a column where
    something passes there. Traffic within one interface is not routed, and has no cell.
    """
    columns = (*view.zones.inside, ROUTER, *view.zones.outside)
    wanted = [(name, of_service(view.space, name)) for name in asked]
    brief = _Brief(view, wanted) if len(view.zones.all) > LARGE else None
    cells: dict[tuple[str, str], Cell] = {}
    for row in view.zones.all:
        others = [zone for zone in columns if row.id != zone.id or len(row.interfaces) > 1 or row.id == Place.OUTSIDE]
        found = brief.cells(row, others) if brief else _in_full(view, row, others, wanted)
        cells |= {(row.id, column.id): cell for column, cell in zip(others, found, strict=True)}
    rows = [zone.id for zone in view.zones.all if zone.id != Place.UNKNOWN or _passes(cells, zone.id, 0)]
    across = [zone.id for zone in columns if zone.id != Place.UNKNOWN or _passes(cells, zone.id, 1)]
    return Matrix(tuple(rows), tuple(across), {k: c for k, c in cells.items() if k[0] in rows and k[1] in across})


def _in_full(view: View, row: Zone, columns: Sequence[Zone], wanted: list[tuple[str, Region]]) -> Iterator[Cell]:
    entering = view.entering(row)
    coming, certain, possible = view.arrives & entering, view.certain & entering, view.passes & entering
    for column in columns:
        leaving = view.leaving(column)
        if not possible & leaving:
            yield Cell()
            continue
        own = view.pipeline.routes().addresses.local if column is ROUTER and view.interfaces.dynamic else None
        pair = _Pair(
            view,
            own,
            _anybody(view, row, column),
            view.members(row).size(),
            coming & leaving,
            certain & leaving,
            possible & leaving,
        )
        yield pair.asked(wanted) if wanted else pair.cell()


def _anybody(view: View, row: Zone, column: Zone) -> dict[str, IntervalSet]:
    """On the internet nobody has a special-purpose address; the uplink's neighbours may, and are told apart."""
    if view.family == 6:
        return {}
    ends = ((header.SOURCE, row), (header.DESTINATION, column))
    return {field: PUBLIC & view.members(zone) for field, zone in ends if zone is not ROUTER and zone.outside}


class _Brief:
    """How open each way is, and the services where they are few; not for whom."""

    def __init__(self, view: View, wanted: list[tuple[str, Region]]) -> None:
        self.view, self.wanted = view, wanted
        self._said: dict[Region, tuple[str, ...]] = {}
        others = [field for field in view.space.widths if field not in (header.IIF, header.OIF, *FIELDS)]
        self.certain = (view.certain & view.honest).without(*others)
        self.possible = (view.passes & view.honest).without(*others)

    def cells(self, row: Zone, columns: Sequence[Zone]) -> Iterator[Cell]:
        entering = self.view.space.among(header.IIF, self.view.numbers[row.id])
        certain, possible = self.certain & entering, self.possible & entering
        for column in columns:
            leaving = self.view.space.among(header.OIF, self.view.numbers[column.id])
            sure = self._few(certain & leaving)
            perhaps = () if certain == possible else self._few((possible - certain) & leaving)
            yield Cell(services=sure, possibly=tuple(word for word in perhaps if word not in sure))

    def _few(self, region: Region) -> tuple[str, ...]:
        """Most ways of a large device are alike: what was said once is not worked out again."""
        services = region.without(header.IIF, header.OIF)
        if services not in self._said:
            self._said[services] = self._words(services)
        return self._said[services]

    def _words(self, region: Region) -> tuple[str, ...]:
        if not region:
            return ()
        if self.wanted:
            return tuple(name for name, service in self.wanted if region & service)
        if sum(1 for _ in region.boxes(FIELDS, limit=_FEW + 1)) > _FEW:
            return ("some services",)
        return words(self.view.space, region)


def _passes(cells: dict[tuple[str, str], Cell], place: str, side: int) -> bool:
    return any(cell.services or cell.possibly for pair, cell in cells.items() if pair[side] == place)


@dataclass(frozen=True)
class _Pair:
    """``coming`` is what the filter gets to see from one place to the other at all. ``own`` are the lasting addresses
    of the device itself, where it is the target and has others that change. ``anybody``: the addresses that stand for
    everybody where a side is outside. ``living`` counts the addresses of the place that it comes from."""

    view: View
    own: IntervalSet | None
    anybody: Mapping[str, IntervalSet]
    living: int
    coming: Region
    certain: Region
    possible: Region

    def cell(self) -> Cell:
        sure = tuple(self._parts(self.certain, self.view.space.nothing))
        perhaps = tuple(self._parts(self.possible - self.certain, self._whole(self.certain)))
        return Cell(services=sure, possibly=tuple(word for word in perhaps if _service(word) not in sure))

    def asked(self, wanted: list[tuple[str, Region]]) -> Cell:
        sure: list[str] = []
        perhaps: list[str] = []
        for name, region in wanted:
            sure += self._named(name, self.certain & region, region)
            perhaps += self._named(name, (self.possible - self.certain) & region, region)
        return Cell(services=tuple(sure), possibly=tuple(perhaps))

    def _parts(self, region: Region, known: Region) -> Iterator[str]:
        """The services that everybody may use with everybody, then those of parts of the places."""
        services = self._only(region, FIELDS) - known
        if not services:
            return
        whole = services & self._whole(region)
        yield from (word + self._few_come for word in words(self.view.space, whole))
        yield from self._groups(region & (services - whole))

    @cached_property
    def _few_come(self) -> str:
        """Who they are, where routing sends only a few of a place this way."""
        coming = self._all[header.SOURCE]
        few = 0 < coming.size() <= _FEW_SOURCES < self.living
        return f" from {addresses(coming, self.view.space.widths[header.SOURCE])}" if few else ""

    def _whole(self, region: Region) -> Region:
        """The services that pass for every source and destination for which they come at all."""
        if not region:
            return self.view.space.nothing
        coming, passing = (self._only(one, (*_ENDS, *FIELDS)) for one in (self.coming, region))
        coming = coming & self.view.space.box(self.anybody) or coming
        return passing.without(*_ENDS) - (coming - passing).without(*_ENDS)

    def _only(self, region: Region, fields: tuple[str, ...]) -> Region:
        return region.without(*(field for field in self.view.space.widths if field not in fields))

    def _groups(self, region: Region) -> Iterator[str]:
        """What passes between parts of the places, the parts named."""
        if not region:
            return
        fields = (*_ENDS, *FIELDS)
        boxes = list(self._only(region, fields).boxes(fields, limit=_BOXES))
        if len(boxes) >= _BOXES:
            yield from (f"{word} in part" for word in words(self.view.space, region))
            return
        groups: dict[tuple[str, str], list[Box]] = {}
        for box in boxes:
            ends = (
                self._words(header.SOURCE, box.get(header.SOURCE)),
                self._words(header.DESTINATION, box.get(header.DESTINATION)),
            )
            groups.setdefault(ends, []).append(box)
        if len(groups) > _GROUPS:
            yield from (f"{word} in part" for word in words(self.view.space, region))
            return
        for (source, target), its in groups.items():
            tail = (f" from {source}" if source else "") + (f" to {target}" if target else "")
            yield from (f"{word}{tail}" for word in box_words(its))

    def _named(self, name: str, region: Region, service: Region) -> Iterator[str]:
        """A service by its name, and for which parts of the places it passes."""
        if not region:
            return
        coming, passing = (self._only(one & service, (*_ENDS, *FIELDS)) for one in (self.coming, region))
        if (coming & self.view.space.box(self.anybody) or coming) <= passing:
            yield name
            return
        boxes = list(self._only(region, _ENDS).boxes(_ENDS, limit=_BOXES))
        parts = (tuple(self._words(field, box.get(field)) for field in _ENDS) for box in boxes)
        groups = list(dict.fromkeys(parts)) if len(boxes) < _BOXES else []
        if not groups or len(groups) > _GROUPS:
            yield f"{name} in part"
            return
        for source, target in groups:
            yield name + (f" from {source}" if source else "") + (f" to {target}" if target else "")

    def _words(self, field: str, values: IntervalSet | None) -> str:
        every = self._all[field] & self.anybody[field] if field in self.anybody else self._all[field]
        every = every or self._all[field]
        if values is None or values.covers(every):
            return ""
        if field == header.DESTINATION and self.own is not None:
            lasting, changing = values & self.own, values - self.own
            said = ([addresses(lasting, self.view.space.widths[field])] if lasting else []) + [
                "its changing address"
            ] * bool(changing)
            whole = changing and lasting == self._all[field] & self.own
            return "" if whole else " and ".join(said)
        shown, missing = values & self._all[field], every - values
        width = self.view.space.widths[field]
        if not shown:
            return ""
        return (
            f"all but {addresses(missing, width)}" if len(missing.spans) < len(shown.spans) else addresses(shown, width)
        )

    @cached_property
    def _all(self) -> dict[str, IntervalSet]:
        return {field: self._values(self.coming, field) for field in _ENDS}

    def _values(self, region: Region, field: str) -> IntervalSet:
        every = IntervalSet.span(0, (1 << self.view.space.widths[field]) - 1)
        return IntervalSet.union(box.get(field, every) for box in self._only(region, (field,)).boxes((field,)))


def _service(word: str) -> str:
    """ "ssh to 192.0.2.1" without its part."""
    return word.partition(" from ")[0].partition(" to ")[0]
