"""The slow twin of an engine: a space so small that a set is the set of its headers. And random expressions in it.

An expression is a tree of tuples, so that both engines and the twin can carry out the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

from hypothesis import strategies as st

from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region, Space

SMALL = {"kind": 1, "from": 3, "to": 3, "port": 2}
WORLD = tuple(product(*(range(1 << width) for width in SMALL.values())))
Headers = frozenset[tuple[int, ...]]
Expression = Any

EVERYTHING: Headers = frozenset(WORLD)


def named(header: tuple[int, ...], widths: Mapping[str, int] = SMALL) -> dict[str, int]:
    return dict(zip(widths, header, strict=True))


def members(region: Region) -> Headers:
    return frozenset(header for header in WORLD if region.holds(named(header)))


def changed(header: tuple[int, ...], field: str, value: int, mask: int | None = None) -> tuple[int, ...]:
    at = list(SMALL).index(field)
    bits = (1 << SMALL[field]) - 1 if mask is None else mask
    return (*header[:at], header[at] & ~bits | value & bits, *header[at + 1 :])


def built(expression: Expression, space: Space) -> Region:
    """What an engine makes of it."""
    match expression:
        case ("among", field, values):
            return space.among(field, values)
        case ("bits", field, mask, value):
            return space.bits(field, mask, value)
        case ("box", box):
            return space.box(dict(box))
        case ("union", *parts):
            return space.union(built(part, space) for part in parts)
        case ("not", part):
            return ~built(part, space)
        case ("given", part, field, value, mask):
            return built(part, space).given(field, value, mask)
        case ("copied", part, field, origin):
            return built(part, space).copied(field, origin)
        case ("without", part, *fields):
            return built(part, space).without(*fields)
        case (operator, left, right):
            a, b = built(left, space), built(right, space)
            return {"and": a & b, "or": a | b, "sub": a - b, "xor": a ^ b}[operator]
    raise AssertionError(expression)


def enumerated(expression: Expression) -> Headers:
    """What it means, header by header."""
    match expression:
        case ("among", field, values):
            return frozenset(h for h in WORLD if named(h)[field] in values)
        case ("bits", field, mask, value):
            return frozenset(h for h in WORLD if named(h)[field] & mask == value)
        case ("box", box):
            return frozenset(h for h in WORLD if all(named(h)[field] in values for field, values in box))
        case ("union", *parts):
            return frozenset().union(*(enumerated(part) for part in parts))
        case ("not", part):
            return EVERYTHING - enumerated(part)
        case ("given", part, field, value, mask):
            inside = enumerated(part)
            return frozenset(h for h in WORLD if changed(h, field, value, mask) in inside)
        case ("copied", part, field, origin):
            inside = enumerated(part)
            return frozenset(h for h in WORLD if changed(h, field, named(h)[origin]) in inside)
        case ("without", part, *fields):
            return without(enumerated(part), fields)
        case (operator, left, right):
            a, b = enumerated(left), enumerated(right)
            return {"and": a & b, "or": a | b, "sub": a - b, "xor": a ^ b}[operator]
    raise AssertionError(expression)


def without(inside: Headers, fields: Iterable[str]) -> Headers:
    free = set(fields)
    kept = [at for at, field in enumerate(SMALL) if field not in free]
    seen = {tuple(h[at] for at in kept) for h in inside}
    return frozenset(h for h in WORLD if tuple(h[at] for at in kept) in seen)


def box_members(box: Mapping[str, IntervalSet]) -> Headers:
    return enumerated(("box", tuple(box.items())))


def expressions(
    widths: Mapping[str, int], equal: Iterable[tuple[str, str]], masked: Iterable[str]
) -> st.SearchStrategy[Expression]:
    """Random expressions; ``equal`` are pairs of fields of one width, ``masked`` those that rules look at by mask."""
    fields = st.sampled_from(list(widths))

    def values(field: str) -> st.SearchStrategy[IntervalSet]:
        number = numbers(widths[field])
        return st.lists(st.tuples(number, number).map(lambda pair: (min(pair), max(pair))), max_size=3).map(
            IntervalSet.of
        )

    sides = fields.flatmap(lambda field: st.tuples(st.just(field), values(field)))
    bits = st.sampled_from(list(masked)).flatmap(
        lambda field: st.tuples(st.just("bits"), st.just(field), numbers(widths[field]), numbers(widths[field]))
    )
    leaves = st.one_of(
        sides.map(lambda side: ("among", *side)),
        bits,
        st.lists(sides, max_size=4, unique_by=lambda side: side[0]).map(lambda box: ("box", tuple(box))),
    )

    def larger(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        set_field = fields.flatmap(
            lambda field: st.tuples(
                st.just(field),
                numbers(widths[field]),
                st.one_of(st.none(), numbers(widths[field])) if field in masked else st.none(),
            )
        )
        return st.one_of(
            st.tuples(st.sampled_from(("and", "or", "sub", "xor")), parts, parts),
            parts.map(lambda part: ("not", part)),
            st.lists(parts, max_size=5).map(lambda several: ("union", *several)),
            st.tuples(parts, set_field).map(lambda found: ("given", found[0], *found[1])),
            st.tuples(parts, st.sampled_from(list(equal))).map(lambda found: ("copied", found[0], *found[1])),
            st.tuples(parts, st.sets(fields)).map(lambda found: ("without", found[0], *sorted(found[1]))),
        )

    return st.recursive(leaves, larger, max_leaves=8)


def numbers(width: int) -> st.SearchStrategy[int]:
    """Of a field: any, and more often the ends and the edges of prefixes, where mistakes are."""
    top = (1 << width) - 1
    edges = sorted({0, top, *(1 << bit for bit in range(width)), *((1 << bit) - 1 for bit in range(width))})
    return st.one_of(st.integers(0, top), st.sampled_from(edges))


small_expressions = expressions(SMALL, [("from", "to"), ("to", "from")], list(SMALL))
