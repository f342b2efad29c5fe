"""The matrix with a row and a column for each host that differs from its zone, and for each group asked for.

A host's cell is compared with that of an *ordinary* member of its zone: an address that most of the zone's nameless
members are treated like. What is equal for every packet is said to be as the zone, and not said again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from bailiwick.claims.matrix import Cell, Matrix
from bailiwick.intent.border import members
from bailiwick.intent.intent import Intent
from bailiwick.intent.meant import Kind, Meant
from bailiwick.intent.table import foreign_words, part_words
from bailiwick.network.model import Place
from bailiwick.network.special import PUBLIC
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.space import Cube, PacketSet

_FORGED = "hygiene:source:"
"""What bars sources that nobody there has takes nothing from anybody."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What one row or column is about: addresses, by the places where their packets enter or leave.

    ``like`` is the address in the same place that stands for its ordinary members; None where there is none.
    """

    id: str
    parts: tuple[tuple[str, IntervalSet], ...]
    within: str = ""
    like: int | None = None

    @property
    def usual(self) -> Unit:
        """The ordinary member in its stead; itself where it is no host."""
        if self.like is None:
            return self
        return Unit(self.within, ((self.parts[0][0], IntervalSet.single(self.like)),))


def host_table(intent: Intent, hosts: bool = True, groups: Sequence[str] = ()) -> Matrix:
    """The matrix of ``intent`` and in it the hosts that differ, each after its zone, then the groups, last.

    Here every cell says what bars a part of it.

    Raises KeyError with the name of a group that the home does not have.
    """
    return _Table(intent).matrix(hosts, groups)


@dataclass(frozen=True)
class _Table:
    intent: Intent

    @cached_property
    def base(self) -> Matrix:
        return self.intent.matrix()

    @cached_property
    def plain(self) -> tuple[Mapping[str, Unit], Mapping[str, Unit]]:
        """Rows and columns as the plain matrix has them."""
        uplinks = [uplink.id for uplink in self.intent.network.uplinks.values()]
        parts: dict[str, tuple[tuple[str, IntervalSet], ...]] = {
            Place.OUTSIDE: tuple((place, EVERY_ADDRESS) for place in (*uplinks, Place.UNKNOWN)),
            Place.INTERNET: tuple((uplink, PUBLIC) for uplink in uplinks),
            **{uplink: ((uplink, EVERY_ADDRESS - PUBLIC),) for uplink in uplinks},
        }
        rows = {row: Unit(row, parts.get(row, ((row, EVERY_ADDRESS),))) for row in self.base.rows}
        columns = {column: Unit(column, parts.get(column, ((column, EVERY_ADDRESS),))) for column in self.base.columns}
        return rows, columns

    def matrix(self, hosts: bool, groups: Sequence[str]) -> Matrix:
        named = [self._group(group) for group in groups]
        units = list(self._hosts()) if hosts else []
        rows, columns = self.plain
        made: dict[tuple[str, str], Cell | None] = {
            (row, column): replace(cell, withheld=tuple(one.id for one in self._barred(rows[row], columns[column])))
            for (row, column), cell in self.base.cells.items()
        }
        for unit in units:
            made |= {(unit.id, column.id): self._cell(unit, column) for column in columns.values()}
            made |= {(row.id, unit.id): self._cell(row, unit) for row in rows.values()}
        own_rows = [unit for unit in units if any(_differs(made[unit.id, column]) for column in columns)]
        own_columns = [unit for unit in units if any(_differs(made[row, unit.id]) for row in rows)]
        for group in named:
            made |= {(group.id, column.id): self._cell(group, column) for column in (*columns.values(), *own_columns)}
            made |= {(row.id, group.id): self._cell(row, group) for row in (*rows.values(), *own_rows)}
        for one in (*own_rows, *named):
            made |= {(one.id, other.id): self._cell(one, other) for other in (*own_columns, *named) if one != other}
        kept = (*_placed(rows, own_rows), *(group.id for group in named))
        across = (*_placed(columns, own_columns), *(group.id for group in named))
        shown = {unit.id: unit.within for unit in (*own_rows, *own_columns)}
        pairs = ((row, column) for row in kept for column in across)
        cells = {pair: cell for pair in pairs if (cell := made.get(pair))}
        return Matrix(kept, across, cells, shown, tuple(unit.id for unit in units if unit.id not in shown))

    def _barred(self, row: Unit, column: Unit) -> tuple[Meant, ...]:
        """What hygiene takes from what is meant between the two."""
        found: dict[str, Meant] = {}
        given = PacketSet(cube for _, cube in self._between(self._accepted, row, column))
        for one, cube in self._between(self._denied, row, column):
            if one.id not in found and given & PacketSet([cube]):
                found[one.id] = one
        return tuple(found.values())

    def _cell(self, row: Unit, column: Unit) -> Cell | None:
        """None where no packet is routed from one to the other."""
        found = list(self._between(self._accepted, row, column))
        if not found and {place for place, _ in (*row.parts, *column.parts)} == {row.parts[0][0]}:
            return None
        if self._equal(row, column, found):
            return Cell(as_zone=True)
        cubes: dict[str, list[Cube]] = defaultdict(list)
        by_id: dict[str, Meant] = {}
        for one, cube in found:
            cubes[one.id].append(cube)
            by_id[one.id] = one
        said: dict[str, None] = {}
        opened: dict[str, None] = {}
        for name, one in by_id.items():
            if one.kind in (Kind.DERIVED, Kind.ROUTER):
                opened[one.services] = None
            else:
                said[one.services + self._narrowed(row, column, cubes[name], one.kind)] = None
        derived = tuple(word for word in opened if word not in said)
        barring = tuple(one.id for one in self._barred(row, column))
        return Cell(tuple(said), tuple(by_id), derived, withheld=barring)

    def _equal(self, row: Unit, column: Unit, found: list[tuple[Meant, Cube]]) -> bool:
        """Whether every packet fares as between the ordinary members; whose addresses they are is left aside."""
        usual = row.usual, column.usual
        if usual == (row, column):
            return False
        mine = _passing(found, self._between(self._denied, row, column), row, column)
        theirs = _passing(self._between(self._accepted, *usual), self._between(self._denied, *usual), *usual)
        return mine == theirs

    def _narrowed(self, row: Unit, column: Unit, cubes: list[Cube], kind: Kind) -> str:
        sources = "" if kind is Kind.FORWARD else self._part(row, [(c.ingress.members, c.sources) for c in cubes])
        targets = self._part(column, [(c.egress.members, c.destinations) for c in cubes])
        ways = {place for cube in cubes for place in cube.egress.members}
        exit_ = ways.pop() if len(ways) == 1 and row.within and column.id == Place.INTERNET else ""
        way = f" by {exit_.removeprefix('uplink:')}" if exit_ in self._routed else ""
        return (f" from {sources}" if sources else "") + (f" to {targets}" if targets else "") + way

    def _part(self, unit: Unit, sides: list[tuple[frozenset[str], IntervalSet]]) -> str:
        """Which of a unit's addresses it is about, in words; "" when all of them, or when there is but one."""
        if unit.within or unit.id == Place.ROUTER or unit.id.startswith("uplink:"):
            return ""
        if unit.id in (Place.INTERNET, Place.OUTSIDE):
            return foreign_words(IntervalSet.union(some for _, some in sides), self.intent.network.inside())
        left: list[str] = []
        whole = True
        for place, addresses in unit.parts:
            # Beyond the uplinks it is the address that counts: a packet leaves by one of them.
            same = [other for other, extent in unit.parts if extent is addresses]
            meant = IntervalSet.union(some for places, some in sides if places & {place, *same}) & addresses
            every = addresses & self._members.get(place, addresses)
            whole = whole and meant.covers(every)
            if meant:
                left.append(part_words(every, self._named.get(place, ()), meant))
        return "" if whole else ", ".join(dict.fromkeys(left))

    def _between(
        self, index: Mapping[tuple[str, str], list[tuple[Meant, Cube]]], row: Unit, column: Unit
    ) -> Iterator[tuple[Meant, Cube]]:
        """What is about some packet from one to the other, cut to their addresses."""
        for ingress, sources in row.parts:
            for egress, destinations in column.parts:
                for one, cube in index.get((ingress, egress), ()):
                    here, there = cube.sources & sources, cube.destinations & destinations
                    if here and there:
                        yield one, replace(cube, sources=here, destinations=there)

    def _hosts(self) -> Iterator[Unit]:
        for host in self.intent.network.hosts.values():
            for leg in host.legs:
                kind, _, place = leg.place.partition(":")
                name = host.id if len(host.legs) == 1 else f"{host.id}@{place}"
                at = IntervalSet.addresses([leg.address])
                if kind == "zone":
                    yield Unit(name, ((leg.place, at),), leg.place, self._ordinary[leg.place])

    def _group(self, name: str) -> Unit:
        parts: list[tuple[str, IntervalSet]] = []
        for extent in self.intent.network.groups[name]:
            places = [extent.place]
            if extent.place == Place.OUTSIDE:
                places = [uplink.id for uplink in self.intent.network.uplinks.values()]
            parts += [(place, extent.addresses) for place in places]
        return Unit(f"group:{name}", tuple(parts))

    @cached_property
    def _ordinary(self) -> Mapping[str, int]:
        """For each zone an address of the largest part of it that every line treats alike, nameless hosts first."""
        lines: dict[str, set[IntervalSet]] = defaultdict(set)
        for index in (self._accepted, self._denied):
            for (ingress, egress), entries in index.items():
                lines[ingress] |= {cube.sources for _, cube in entries}
                lines[egress] |= {cube.destinations for _, cube in entries}
        return {zone: self._largest(zone, every, lines[zone]) for zone, every in self._members.items()}

    def _largest(self, zone: str, every: IntervalSet, lines: set[IntervalSet]) -> int:
        named = IntervalSet.of((at, at) for at, _ in self._named.get(zone, ()))
        left = every - named or every
        cuts = sorted({edge for line in lines for first, last in line.spans for edge in (first, last + 1)})
        sizes: dict[tuple[bool, ...], int] = defaultdict(int)
        first: dict[tuple[bool, ...], int] = {}
        order = sorted(lines, key=lambda line: line.spans)
        for start, end in left.spans:
            edges = [start, *(cut for cut in cuts if start < cut <= end), end + 1]
            for low, high in pairwise(edges):
                treated = tuple(low in line for line in order)
                sizes[treated] += high - low
                first.setdefault(treated, low)
        return first[max(sizes, key=lambda treated: sizes[treated])]

    @cached_property
    def _members(self) -> Mapping[str, IntervalSet]:
        return {zone.id: members(zone) for zone in self.intent.network.zones.values()}

    @cached_property
    def _named(self) -> Mapping[str, list[tuple[int, str]]]:
        named: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for host in self.intent.network.hosts.values():
            for leg in host.legs:
                named[leg.place].append((int(leg.address), host.name))
        return named

    @cached_property
    def _routed(self) -> frozenset[str]:
        return frozenset(route.uplink for route in self.intent.network.routes_out)

    @cached_property
    def _accepted(self) -> Mapping[tuple[str, str], list[tuple[Meant, Cube]]]:
        return _by_places(self.intent.meant, self.intent.places)

    @cached_property
    def _denied(self) -> Mapping[tuple[str, str], list[tuple[Meant, Cube]]]:
        return _by_places((one for one in self.intent.hygiene if not one.id.startswith(_FORGED)), self.intent.places)


def _by_places(meant: Iterable[Meant], places: Sequence[str]) -> dict[tuple[str, str], list[tuple[Meant, Cube]]]:
    index: dict[tuple[str, str], list[tuple[Meant, Cube]]] = defaultdict(list)
    for one in meant:
        for cube in one.packets.cubes():
            for ingress in (place for place in places if place in cube.ingress):
                for egress in (place for place in places if place in cube.egress):
                    index[ingress, egress].append((one, cube))
    return index


def _passing(
    accepted: Iterable[tuple[Meant, Cube]], denied: Iterable[tuple[Meant, Cube]], row: Unit, column: Unit
) -> PacketSet:
    """What passes, with the one address of a host (or of who stands for it) replaced by every address."""

    one_source, one_target = (unit.parts[0][1].size() == 1 for unit in (row, column))

    def freed(entries: Iterable[tuple[Meant, Cube]]) -> PacketSet:
        return PacketSet(
            replace(
                cube,
                sources=EVERY_ADDRESS if one_source else cube.sources,
                destinations=EVERY_ADDRESS if one_target else cube.destinations,
            )
            for _, cube in entries
        )

    return freed(accepted) - freed(denied)


def _differs(cell: Cell | None) -> bool:
    return cell is not None and not cell.as_zone


def _placed(units: Mapping[str, Unit], hosts: Sequence[Unit]) -> Iterator[str]:
    """Each place, and after it the hosts that are in it."""
    for unit in units:
        yield unit
        yield from (host.id for host in hosts if host.within == unit)
