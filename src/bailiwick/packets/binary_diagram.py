"""Sets of headers as binary decision diagrams with complement edges, by OxiDD.

A variable for each bit of each field, the most significant first, in the order of the space's ``widths``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from oxidd.bcdd import BCDDFunction, BCDDManager, BCDDSubstitution
from oxidd.util import BooleanOperator

from bailiwick.packets.balanced import balanced
from bailiwick.packets.binary_edges import cofactors, edges
from bailiwick.packets.boxes import Edges, boxes
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Box, Region

_NODES = 1 << 24
"""The most a space may hold. Only what is used is ever backed by memory (16 bytes a node and their tables)."""
_CACHE = 1 << 16
"""Results remembered; more was measured to be slower, for it falls out of the processor's own cache."""


class BinaryRegion:
    """A set of headers; see ``region.Region``. Operations raise MemoryError beyond sixteen million nodes."""

    __slots__ = ("_function", "_space")

    def __init__(self, space: BinarySpace, function: BCDDFunction) -> None:
        self._space = space
        self._function = function

    def __and__(self, other: BinaryRegion) -> BinaryRegion:
        if self._space is not other._space:
            raise _strangers(self, other)
        return BinaryRegion(self._space, self._function & other._function)

    def __or__(self, other: BinaryRegion) -> BinaryRegion:
        if self._space is not other._space:
            raise _strangers(self, other)
        return BinaryRegion(self._space, self._function | other._function)

    def __sub__(self, other: BinaryRegion) -> BinaryRegion:
        if self._space is not other._space:
            raise _strangers(self, other)
        return BinaryRegion(self._space, other._function.imp_strict(self._function))

    def __xor__(self, other: BinaryRegion) -> BinaryRegion:
        if self._space is not other._space:
            raise _strangers(self, other)
        return BinaryRegion(self._space, self._function ^ other._function)

    def __invert__(self) -> BinaryRegion:
        return BinaryRegion(self._space, ~self._function)

    def __bool__(self) -> bool:
        return self._function.satisfiable()

    def __le__(self, other: BinaryRegion) -> bool:
        if self._space is not other._space:
            raise _strangers(self, other)
        return self._function.imp(other._function).valid()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BinaryRegion) and self._function == other._function

    def __hash__(self) -> int:
        return hash(self._function)

    def given(self, field: str, value: int, mask: int | None = None) -> BinaryRegion:
        """See ``Region.given``. Raises ValueError for a value wider than the field."""
        cube, touched = self._space.assignment(field, value, mask)
        return BinaryRegion(self._space, self._function.apply_exists(BooleanOperator.AND, cube, touched))

    def copied(self, field: str, origin: str) -> BinaryRegion:
        """See ``Region.copied``. Raises ValueError where the widths differ."""
        return BinaryRegion(self._space, self._function.substitute(self._space.copying(field, origin)))

    def without(self, *fields: str) -> BinaryRegion:
        return BinaryRegion(self._space, self._function.exists(self._space.variables(fields)))

    def holds(self, header: Mapping[str, int]) -> bool:
        """See ``Region.holds``. Walked here: OxiDD 0.13's ``eval`` errs where variables are left out of it."""
        function, bits, lowest = self._function, self._space.written(header), self._space.last
        while (level := function.node_level()) is not None:
            function = cofactors(function)[not bits >> (lowest - level) & 1]
        return function.valid()

    def pick(self, prefer: Mapping[str, IntervalSet] | None = None) -> dict[str, int]:
        """See ``Region.pick``: raises ValueError when the set is empty."""
        function, space, found = self._function, self._space, {}
        if not function.satisfiable():
            raise ValueError("an empty set has no packet to show")
        for field, width in space.widths.items():
            if prefer and field in prefer:
                preferred = function & space.among(field, prefer[field])._function
                function = preferred if preferred.satisfiable() else function
            value, start = 0, space.first[field]
            for level in range(start, start + width):
                value <<= 1
                if function.node_level() == level:
                    high, low = cofactors(function)
                    function = low if low.satisfiable() else high
                    value += function is high
            found[field] = value
        return found

    def boxes(self, fields: Iterable[str] | None = None, limit: int | None = None) -> Iterator[Box]:
        """See ``Region.boxes``. Raises TooWide where a field falls into more than 65,536 intervals."""
        function, space = self._function, self._space
        if fields is not None:
            function = function.exists(space.variables(space.all_but(fields)))
        found = boxes(function, space._fields, space.edges) if function.satisfiable() else iter(())
        return islice(found, limit)

    def size(self) -> int:
        return self._function.node_count()

    def __repr__(self) -> str:
        return f"BinaryRegion({self.size()} nodes)"


class BinarySpace:
    """Makes regions over one store of nodes; see ``region.Space``."""

    __slots__ = (
        "_copies",
        "_fields",
        "_literals",
        "_manager",
        "_sets",
        "_sides",
        "everything",
        "first",
        "nothing",
        "widths",
    )

    def __init__(self, widths: Mapping[str, int]) -> None:
        self.widths: Mapping[str, int] = dict(widths)
        self.first: dict[str, int] = {}
        """Each field's first variable; variables are levels, for they are never reordered."""
        count = 0
        for field, width in self.widths.items():
            self.first[field] = count
            count += width
        self._manager = BCDDManager(_NODES, _CACHE, 1)
        self._manager.add_vars(count)
        self._literals = tuple(self._manager.var(index) for index in range(count))
        self._fields = tuple(self.widths)
        self._sides: dict[tuple[str, IntervalSet], BinaryRegion] = {}
        self._sets: dict[tuple[str, ...], BCDDFunction] = {}
        self._copies: dict[tuple[str, str], BCDDSubstitution] = {}
        self.everything = BinaryRegion(self, self._manager.true())
        self.nothing = BinaryRegion(self, self._manager.false())

    def among(self, field: str, values: IntervalSet) -> BinaryRegion:
        """See ``Space.among``; values that the field has no bits for are nobody's."""
        key = (field, values)
        known = self._sides.get(key)
        if known is None:
            known = self._sides[key] = BinaryRegion(self, self._side(field, values))
        return known

    def _side(self, field: str, values: IntervalSet) -> BCDDFunction:
        """Bit by bit from the top, the spans parted at each: linear in spans and width."""
        yes, no = self.everything._function, self.nothing._function
        start, spans = self.first[field], values.spans
        if len(spans) == 1 and (block := self._block(field, *spans[0])) is not None:
            return block

        def below(bit: int, low: int, i: int, j: int) -> BCDDFunction:
            """Of the values from ``low`` that the last ``bit`` bits tell apart; spans ``i`` to ``j`` touch them."""
            if i == j:
                return no
            if spans[i][0] <= low and spans[i][1] >= low + (1 << bit) - 1:
                return yes
            bit -= 1
            middle = low + (1 << bit)
            parted = i
            while parted < j and spans[parted][1] < middle:
                parted += 1
            lower = below(bit, low, i, parted + (parted < j and spans[parted][0] < middle))
            upper = below(bit, middle, parted, j)
            return self._literals[end - bit].ite(upper, lower)

        width = self.widths[field]
        end = start + width - 1
        last = next((n for n, span in enumerate(spans) if span[0] >> width), len(spans))
        return below(width, 0, 0, last)

    def _block(self, field: str, first: int, last: int) -> BCDDFunction | None:
        """One value or one prefix, by far the most frequent sets: a literal for each bit that they share."""
        size, width = last - first + 1, self.widths[field]
        if size & (size - 1) or first % size or last >> width:
            return None
        cube, end = self.everything._function, self.first[field] + width - 1
        for bit in range(size.bit_length() - 1, width):
            literal = self._literals[end - bit]
            cube = literal & cube if first >> bit & 1 else literal.imp_strict(cube)
        return cube

    def bits(self, field: str, mask: int, value: int) -> BinaryRegion:
        """See ``Space.bits``: the packets with (field & mask) == value, none where the value leaves the mask."""
        if value & ~mask or value >> self.widths[field]:
            return self.nothing
        return BinaryRegion(self, self.assignment(field, value, mask)[0])

    def box(self, box: Box) -> BinaryRegion:
        function = self.everything._function
        for field in sorted(box, key=self.first.__getitem__, reverse=True):
            function = self.among(field, box[field])._function & function
        return BinaryRegion(self, function)

    def union(self, regions: Iterable[Region]) -> BinaryRegion:
        functions = []
        for region in regions:
            if not isinstance(region, BinaryRegion) or region._space is not self:
                raise _strangers(self.nothing, region)
            functions.append(region._function)
        return BinaryRegion(self, balanced(functions, BCDDFunction.__or__, self.nothing._function))

    # ---- what regions ask of their space

    def assignment(self, field: str, value: int, mask: int | None) -> tuple[BCDDFunction, BCDDFunction]:
        """The cube of literals that gives the field's bits in ``mask`` their value, and the variables it is over."""
        width, start = self.widths[field], self.first[field]
        if value < 0 or value >> width:
            raise ValueError(f"{value} does not fit {field}, which has {width} bits")
        cube = touched = self.everything._function
        for bit in range(width):
            if mask is None or mask >> bit & 1:
                literal = self._literals[start + width - 1 - bit]
                touched = literal & touched
                cube = literal & cube if value >> bit & 1 else literal.imp_strict(cube)
        return cube, touched

    def copying(self, field: str, origin: str) -> BCDDSubstitution:
        known = self._copies.get((field, origin))
        if known is None:
            width, into, out_of = self.widths[field], self.first[field], self.first[origin]
            if self.widths[origin] != width:
                raise ValueError(f"{origin} and {field} differ in width")
            pairs = [(into + bit, self._literals[out_of + bit]) for bit in range(width)]
            known = self._copies[field, origin] = BCDDFunction.make_substitution(pairs)
        return known

    def variables(self, fields: Iterable[str]) -> BCDDFunction:
        """The conjunction of all bits of the fields, which is how OxiDD names a set of variables."""
        key = tuple(fields)
        known = self._sets.get(key)
        if known is None:
            indices = sorted((self.first[f] + bit for f in set(key) for bit in range(self.widths[f])), reverse=True)
            known = self.everything._function
            for index in indices:
                known = self._literals[index] & known
            self._sets[key] = known
        return known

    def all_but(self, fields: Iterable[str]) -> tuple[str, ...]:
        """Raises KeyError for a field that the space does not have."""
        kept = set(fields)
        for field in kept:
            self.widths[field]
        return tuple(field for field in self.widths if field not in kept)

    def written(self, header: Mapping[str, int]) -> int:
        """All bits of a header as one number, the first variable's the highest."""
        found = 0
        for field, value in header.items():
            if value < 0 or value >> self.widths[field]:
                raise ValueError(f"{value} does not fit {field}, which has {self.widths[field]} bits")
            found |= value << (len(self._literals) - self.first[field] - self.widths[field])
        return found

    @property
    def last(self) -> int:
        return len(self._literals) - 1

    def edges(self, function: BCDDFunction, position: int) -> Edges[BCDDFunction] | None:
        """See ``boxes.boxes``."""
        field = self._fields[position]
        return edges(function, self.first[field], self.widths[field], self.nothing._function)


def _strangers(*regions: Region) -> ValueError:
    """OxiDD would end the process."""
    return ValueError(f"regions of two spaces: {regions}")
