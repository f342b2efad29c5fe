"""Who reaches what: the matrix of a device that somebody else configured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bailiwick.claims.matrix import Cell, Matrix
from bailiwick.network.model import Place
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region
from bailiwick.packets.region_wording import addresses
from bailiwick.proof.audit.services import FIELDS, of_service, words
from bailiwick.proof.audit.view import ROUTER, View
from bailiwick.proof.audit.zones import Zone

_BOXES = 60
_GROUPS = 6


def board(view: View, asked: Sequence[str] = ()) -> Matrix:
    """``asked`` are names of services: then cells speak of no others. Raises ValueError for one that is none.

    What passes only to, or from, a part of a place says so. An unknown place has a row and a column where something
    passes there, or where it is all that is outside.
    """
    rows = view.zones.all
    columns = (*view.zones.inside, ROUTER, *view.zones.outside)
    wanted = [(name, of_service(view.space, name)) for name in asked]
    cells: dict[tuple[str, str], Cell] = {}
    for row in rows:
        entering = view.entering(row)
        certain, possible = view.certain & entering, view.passes & entering
        for column in columns:
            leaving = view.leaving(column)
            if row.id == column.id and not (possible & leaving):
                continue
            cells[row.id, column.id] = _cell(view, row, column, certain & leaving, possible & leaving, wanted)
    kept = [zone.id for zone in rows if zone.id != Place.UNKNOWN or _passes(cells, zone.id, 0)]
    across = [zone.id for zone in columns if zone.id != Place.UNKNOWN or _passes(cells, zone.id, 1)]
    return Matrix(tuple(kept), tuple(across), {k: c for k, c in cells.items() if k[0] in kept and k[1] in across})


def _passes(cells: dict[tuple[str, str], Cell], place: str, side: int) -> bool:
    return any(cell.services or cell.possibly for pair, cell in cells.items() if pair[side] == place)


def _cell(
    view: View, row: Zone, column: Zone, certain: Region, possible: Region, wanted: list[tuple[str, Region]]
) -> Cell:
    doubted = possible - certain
    if not wanted:
        sure = tuple(_parts(view, row, column, certain))
        perhaps = () if doubted <= view.space.nothing else tuple(_parts(view, row, column, doubted, certain))
        return Cell(services=sure, possibly=tuple(word for word in perhaps if word not in sure))
    sure, perhaps_ = [], []
    for name, region in wanted:
        if certain & region:
            sure.append(name + _part(view, row, column, certain & region))
        elif doubted & region:
            perhaps_.append(name + _part(view, row, column, doubted & region))
    return Cell(services=tuple(sure), possibly=tuple(perhaps_))


def _parts(view: View, row: Zone, column: Zone, region: Region, known: Region | None = None) -> Iterator[str]:
    """Services that everybody may use with everybody first, then those of parts of the places."""
    if not region:
        return
    sides = view.members(row), None if column is ROUTER or column.outside else view.members(column)
    services = region.without(*(field for field in view.space.widths if field not in FIELDS))
    if known is not None:
        services -= _whole(view, known, sides)
        if not services:
            return
    whole = services & _whole(view, region, sides)
    yield from words(view.space, whole)
    yield from _groups(view, row, column, region & (services - whole))


def _whole(view: View, region: Region, sides: tuple[IntervalSet, IntervalSet | None]) -> Region:
    """The services that every source may use with every destination of the two places; of the device itself and of
    what is outside, with some destination."""
    ends = (header.SOURCE, header.DESTINATION)
    pairs = region.without(*(field for field in view.space.widths if field not in (*ends, *FIELDS)))
    box = {header.SOURCE: sides[0]}
    if sides[1] is None:
        pairs = pairs.without(header.DESTINATION)
    else:
        box[header.DESTINATION] = sides[1]
    return ~(view.space.box(box) - pairs).without(*ends)


def _groups(view: View, row: Zone, column: Zone, region: Region) -> Iterator[str]:
    """What passes between parts of the places, the parts named."""
    if not region:
        return
    fields = (header.SOURCE, header.DESTINATION, *FIELDS)
    boxes = list(region.without(*(f for f in view.space.widths if f not in fields)).boxes(fields, limit=_BOXES))
    groups: dict[tuple[str, str], list[Region]] = {}
    for box in boxes:
        ends = _ends(view, row, column, box.get(header.SOURCE), box.get(header.DESTINATION))
        groups.setdefault(ends, []).append(
            view.space.box({field: values for field, values in box.items() if field in FIELDS})
        )
    if len(boxes) >= _BOXES or len(groups) > _GROUPS:
        yield from (f"{word} (in part)" for word in words(view.space, region))
        return
    for (source, target), regions in groups.items():
        said = words(view.space, view.space.union(regions) & region.without(header.SOURCE, header.DESTINATION))
        tail = (f" from {source}" if source else "") + (f" to {target}" if target else "")
        yield from (f"{word}{tail}" for word in said)


def _part(view: View, row: Zone, column: Zone, region: Region) -> str:
    """Which part of the places a service passes between; "" for the whole."""
    said = []
    for side, field, zone in (("from", header.SOURCE, row), ("to", header.DESTINATION, column)):
        if zone is ROUTER:
            continue
        spans = IntervalSet.union(box[field] for box in region.boxes((field,), limit=_BOXES) if field in box)
        members = view.members(zone)
        if spans and not spans.covers(members) and not (field == header.DESTINATION and zone.outside):
            said.append(f"{side} {addresses(spans, view.space.widths[field])}")
    return f" {' '.join(said)}" if said else ""


def _ends(
    view: View, row: Zone, column: Zone, sources: IntervalSet | None, targets: IntervalSet | None
) -> tuple[str, str]:
    width = view.space.widths[header.SOURCE]
    source = "" if sources is None or sources.covers(view.members(row)) else addresses(sources, width)
    if targets is None or (column is not ROUTER and targets.covers(view.members(column))):
        return source, ""
    return source, addresses(targets, width)
