"""Overlapping boxes split into disjoint ones, each with everybody who asked for it.

A set of the kernel holds every packet once, yet two permissions may cover the same packets. The split is a
sweep over one dimension after the other: between two neighbouring bounds the same boxes are open, and their
remaining dimensions are split in turn. Boxes that do not overlap cost a sort; each overlap costs what it adds to
the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Span = tuple[int, int]
Box = tuple[Span, ...]
"""One inclusive range for each dimension."""
Owned = tuple[Box, frozenset[str]]


def disjoint(boxes: Iterable[tuple[Box, str]]) -> list[tuple[Box, tuple[str, ...]]]:
    """The same points as disjoint boxes, ascending, each with the sorted ids of all boxes that cover it."""
    owners: dict[Box, set[str]] = {}
    for box, owner in boxes:
        owners.setdefault(box, set()).add(owner)
    split = _split(sorted((box, frozenset(ids)) for box, ids in owners.items()))
    return [(box, tuple(sorted(ids))) for box, ids in split]


def _split(boxes: Sequence[Owned]) -> list[Owned]:
    if len(boxes) <= 1:
        return list(boxes)
    if not boxes[0][0]:
        return [((), frozenset().union(*(ids for _, ids in boxes)))]
    out: list[Owned] = []
    for span, tails in _slabs(boxes):
        rest = _split(tails)
        out.extend(((span, *tail), ids) for tail, ids in rest)
    return _joined(out)


def _slabs(boxes: Sequence[Owned]) -> list[tuple[Span, list[Owned]]]:
    """Between each two neighbouring bounds of the first dimension: what is open there, that dimension taken off."""
    opening: dict[int, list[int]] = {}
    closing: dict[int, list[int]] = {}
    for index, (box, _) in enumerate(boxes):
        opening.setdefault(box[0][0], []).append(index)
        closing.setdefault(box[0][1] + 1, []).append(index)
    bounds = sorted({*opening, *closing})
    open_now: dict[int, None] = {}
    slabs: list[tuple[Span, list[Owned]]] = []
    for bound, following in zip(bounds, [*bounds[1:], 0], strict=True):
        for index in closing.get(bound, ()):
            del open_now[index]
        for index in opening.get(bound, ()):
            open_now[index] = None
        if open_now:
            tails = sorted({(boxes[index][0][1:], boxes[index][1]) for index in open_now}, key=_order)
            slabs.append(((bound, following - 1), tails))
    return slabs


def _joined(boxes: list[Owned]) -> list[Owned]:
    """Neighbours in the first dimension that have the same rest and the same owners become one."""
    out: list[Owned] = []
    latest: dict[tuple[Box, frozenset[str]], int] = {}
    for box, ids in boxes:
        key = (box[1:], ids)
        at = latest.get(key)
        if at is not None and out[at][0][0][1] + 1 == box[0][0]:
            out[at] = (((out[at][0][0][0], box[0][1]), *box[1:]), ids)
        else:
            latest[key] = len(out)
            out.append((box, ids))
    return out


def _order(owned: Owned) -> tuple[Box, tuple[str, ...]]:
    return owned[0], tuple(sorted(owned[1]))
