"""The nodes of interval decision diagrams, hash-consed, and the operations on them.

A node parts the values of one field into intervals, each with a reference to what decides the rest. A reference is
twice the node's number, plus one where it stands for the complement: complementing flips a bit. Nodes are never
dropped, so a store is to be dropped as a whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence

from bailiwick.packets.balanced import balanced
from bailiwick.packets.boxes import Edges, grouped
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import TooWide

NO, YES = 0, 1
"""References to the leaf: nothing, everything."""
_MOST_PIECES = 1 << 9
"""Intervals that a mask may fall into."""
_MOST_REMEMBERED = 1 << 21
"""Results of operations; beyond it all are forgotten."""

Pieces = list[tuple[int, int]]
"""A partition of a field's values: (last value, reference), ascending."""


class IntervalNodes:
    """All nodes over fields of these widths, the first field the highest level."""

    __slots__ = (
        "_bounds",
        "_differences",
        "_kids",
        "_level_of",
        "_levels",
        "_meets",
        "_numbers",
        "_tops",
        "fields",
        "widths",
    )

    def __init__(self, widths: Mapping[str, int]) -> None:
        self.widths: Mapping[str, int] = dict(widths)
        self.fields = tuple(self.widths)
        self._level_of = {field: level for level, field in enumerate(self.fields)}
        self._tops = tuple((1 << width) - 1 for width in self.widths.values())
        # A node is a level, the last value of each of its intervals, and a reference for each; number 0 is the leaf.
        self._levels = [len(self.fields)]
        self._bounds: list[tuple[int, ...]] = [()]
        self._kids: list[tuple[int, ...]] = [()]
        self._numbers: dict[tuple[int, tuple[int, ...], tuple[int, ...]], int] = {}
        self._meets: dict[tuple[int, int], int] = {}
        self._differences: dict[tuple[int, int], int] = {}

    def _node(self, level: int, pieces: Pieces) -> int:
        """The reference to a node with these pieces: neighbours that agree are one, and the first is never flipped."""
        bounds, kids = [pieces[0][0]], [pieces[0][1]]
        for last, kid in pieces[1:]:
            if kid == kids[-1]:
                bounds[-1] = last
            else:
                bounds.append(last)
                kids.append(kid)
        if len(kids) == 1:
            return kids[0]
        flipped = kids[0] & 1
        key = (level, tuple(bounds), tuple(kid ^ 1 for kid in kids) if flipped else tuple(kids))
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._levels)
            self._levels.append(level)
            self._bounds.append(key[1])
            self._kids.append(key[2])
        return 2 * number + flipped

    def _pieces(self, root: int) -> Pieces:
        flipped = root & 1
        return [(last, kid ^ flipped) for last, kid in zip(self._bounds[root >> 1], self._kids[root >> 1], strict=True)]

    def side(self, field: str, values: IntervalSet, inside: int) -> int:
        """``inside`` for these values of the field, nothing for the others; ``inside`` looks at later fields alone."""
        level = self._level_of[field]
        top, pieces = self._tops[level], []
        for first, last in values.spans:
            if first > top:
                break
            if first:
                pieces.append((first - 1, NO))
            pieces.append((min(last, top), inside))
        if not pieces or pieces[-1][0] < top:
            pieces.append((top, NO))
        return self._node(level, pieces)

    def bits(self, field: str, mask: int, value: int) -> int:
        """See ``Space.bits``. Raises TooWide."""
        level = self._level_of[field]
        if value & ~mask or value > self._tops[level]:
            return NO
        equal = self._pieces(self.side(field, IntervalSet.single(value), YES))
        return self._node(level, _seen_through(equal, self.widths[field], mask, 0))

    # ---- operations

    def meet(self, a: int, b: int) -> int:
        if b < a:
            a, b = b, a
        if a <= YES:
            return b if a else NO
        if a ^ b <= 1:  # the same, or one the other's complement
            return a if a == b else NO
        key = (a, b)
        known = self._meets.get(key)
        if known is None:
            known = self._combined(a, b, self.meet)
            _remember(self._meets, key, known)
        return known

    def join(self, a: int, b: int) -> int:
        return self.meet(a ^ 1, b ^ 1) ^ 1

    def differ(self, a: int, b: int) -> int:
        flipped = (a ^ b) & 1
        a, b = a & ~1, b & ~1
        if a == b:
            return flipped
        if not a or not b:
            return (a or b) ^ flipped
        key = (a, b) if a < b else (b, a)
        known = self._differences.get(key)
        if known is None:
            known = self._combined(a, b, self.differ)
            _remember(self._differences, key, known)
        return known ^ flipped

    def _combined(self, a: int, b: int, operation: Callable[[int, int], int]) -> int:
        """The operation carried out below the upper of two nodes, or below both where they stand side by side."""
        m, n = a >> 1, b >> 1
        level, other = self._levels[m], self._levels[n]
        if level > other:
            a, b, m, level, other = b, a, n, other, level
        if level < other:
            return self._node(level, [(last, operation(kid, b)) for last, kid in self._pieces(a)])
        left, right, flip_left, flip_right = self._bounds[m], self._bounds[n], a & 1, b & 1
        mine, theirs = self._kids[m], self._kids[n]
        i = j = 0
        pieces = []
        while i < len(left):
            kid = operation(mine[i] ^ flip_left, theirs[j] ^ flip_right)
            x, y = left[i], right[j]
            pieces.append((x if x < y else y, kid))
            i += x <= y
            j += y <= x
        return self._node(level, pieces)

    def _rewritten(self, root: int, level: int, rewrite: Callable[[Pieces], int]) -> int:
        """Every node of one level replaced; what stands above it is made anew."""
        known: dict[int, int] = {}

        def below(node: int) -> int:
            at = self._levels[node >> 1]
            if at > level:
                return node
            found = known.get(node)
            if found is None:
                pieces = self._pieces(node)
                above = at < level
                found = self._node(at, [(last, below(kid)) for last, kid in pieces]) if above else rewrite(pieces)
                known[node] = found
            return found

        return below(root)

    def given(self, root: int, field: str, value: int, mask: int | None) -> int:
        level = self._level_of[field]
        if value < 0 or value > self._tops[level]:
            raise ValueError(f"{value} does not fit {field}, which has {self.widths[field]} bits")
        top = self._tops[level]
        kept = 0 if mask is None else top & ~mask
        forced = value & ~kept
        if not kept:
            return self._rewritten(root, level, lambda pieces: _at(pieces, value))
        width = self.widths[field]
        return self._rewritten(
            root, level, lambda pieces: self._node(level, _seen_through(pieces, width, kept, forced))
        )

    def copied(self, root: int, field: str, origin: str) -> int:
        """Split on the values of ``field`` that anything in the set tells apart."""
        if self.widths[field] != self.widths[origin]:
            raise ValueError(f"{origin} and {field} differ in width")
        level = self._level_of[field]
        if field == origin:
            return root
        lasts = {self._tops[level]}
        for number in self._reached(root):
            if self._levels[number] == level:
                lasts.update(self._bounds[number])
        spans: dict[int, list[tuple[int, int]]] = {}
        first = 0
        for last in sorted(lasts):
            spans.setdefault(self.given(root, field, first, None), []).append((first, last))
            first = last + 1
        parts = [self.meet(self.side(origin, IntervalSet.of(found), YES), rest) for rest, found in spans.items()]
        return balanced(parts, self.join, NO)

    def without(self, root: int, fields: Iterable[str]) -> int:
        for level in sorted({self._level_of[field] for field in fields}, reverse=True):
            root = self._rewritten(root, level, lambda pieces: balanced((kid for _, kid in pieces), self.join, NO))
        return root

    def holds(self, root: int, header: Mapping[str, int]) -> bool:
        for field, value in header.items():
            if value < 0 or value > self._tops[self._level_of[field]]:
                raise ValueError(f"{value} does not fit {field}, which has {self.widths[field]} bits")
        while root > YES:
            number = root >> 1
            value = header.get(self.fields[self._levels[number]], 0)
            root = self._kids[number][bisect_left(self._bounds[number], value)] ^ root & 1
        return root == YES

    def pick(self, root: int, prefer: Mapping[str, IntervalSet]) -> dict[str, int]:
        found = {}
        for level, field in enumerate(self.fields):
            if field in prefer:
                preferred = self.meet(root, self.side(field, prefer[field], YES))
                root = preferred if preferred != NO else root
            value = 0
            if self._levels[root >> 1] == level:
                for last, kid in self._pieces(root):
                    if kid != NO:
                        root = kid
                        break
                    value = last + 1
            found[field] = value
        return found

    def all_but(self, fields: Iterable[str]) -> tuple[str, ...]:
        """Raises KeyError for a field that the space does not have."""
        kept = {self._level_of[field] for field in fields}
        return tuple(field for level, field in enumerate(self.fields) if level not in kept)

    def edges(self, root: int, position: int) -> Edges[int] | None:
        """See ``boxes.boxes``."""
        return grouped(self._pieces(root), NO) if self._levels[root >> 1] == position else None

    def size(self, root: int) -> int:
        return len(self._reached(root))

    def _reached(self, root: int) -> set[int]:
        found, waiting = {root >> 1}, [root >> 1]
        while waiting:
            for kid in self._kids[waiting.pop()]:
                if kid >> 1 not in found:
                    found.add(kid >> 1)
                    waiting.append(kid >> 1)
        return found


def _at(pieces: Sequence[tuple[int, int]], value: int) -> int:
    """What decides the rest once the field has this value."""
    return next(kid for last, kid in pieces if value <= last)


def _seen_through(pieces: Pieces, width: int, kept: int, forced: int) -> Pieces:
    """The partition by ``(value & kept) | forced`` instead of the value. Raises TooWide."""

    def below(bit: int, low: int) -> Pieces:
        """Of the last ``bit`` bits, where those before them have come out as ``low``."""
        high = low + (1 << bit) - 1
        start = next(i for i, (last, _) in enumerate(pieces) if low <= last)
        if high <= pieces[start][0]:
            return [((1 << bit) - 1, pieces[start][1])]
        bit -= 1
        if kept >> bit & 1:
            lower, upper = below(bit, low), below(bit, low + (1 << bit))
        else:
            lower = upper = below(bit, low + (forced & 1 << bit))
        if len(lower) + len(upper) > _MOST_PIECES:
            raise TooWide(f"a mask that cuts a field into more than {_MOST_PIECES} intervals")
        found = lower[:-1] if lower[-1][1] == upper[0][1] else list(lower)
        found.extend((last + (1 << bit), kid) for last, kid in upper)
        return found

    return below(width, 0)


def _remember(known: dict[tuple[int, int], int], key: tuple[int, int], result: int) -> None:
    if len(known) >= _MOST_REMEMBERED:
        known.clear()
    known[key] = result
