"""``match`` statements to tests."""

from __future__ import annotations

from dataclasses import replace

from bailiwick.dataplane.nft.comparing import Tests, connection_status, operands_of, ported, undecided, values
from bailiwick.dataplane.nft.context import Context
from bailiwick.dataplane.nft.errors import Unclear
from bailiwick.dataplane.nft.membership import membership
from bailiwick.dataplane.nft.operands import Operand
from bailiwick.dataplane.nft.sets import Element, Elements, states
from bailiwick.dataplane.nft.values import Dialect, number
from bailiwick.dataplane.nft.words import words
from bailiwick.dataplane.rules import (
    Among,
)
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet


def match(context: Context, op: object, left: object, right: object) -> Tests:
    """The tests of one ``match``; ``op`` is ``==``, ``!=``, ``in``, ``!`` or an order. Raises Unclear."""
    operands = operands_of(left)
    needs = tuple(test for one in operands for test in context.needs(one))
    if len(operands) > 1 or _is_set(right):
        if op not in ("==", "!=", "in"):
            raise Unclear(f"{words(left)} {op} a set")
        found = Elements((Element(right),)) if not _is_set(right) else context.elements(right)
        return (*needs, *membership(context, operands, found, op == "!="))
    return (*needs, *_single(context, operands[0], str(op), right))


def _is_set(right: object) -> bool:
    return (isinstance(right, str) and right.startswith("@")) or (isinstance(right, dict) and "set" in right)


def _single(context: Context, one: Operand, op: str, right: object) -> Tests:
    if not one.field:
        return (undecided(context, one, op, right),)
    if op in ("in", "!"):
        return _bits(context, one, right, none=op == "!")
    if op in ("==", "!="):
        return membership(context, (one,), Elements((Element(right),)), op == "!=")
    if op in ("<", ">", "<=", ">=") and one.dialect is not None and one.dialect.width:
        return values(context, one, _ordered(op, number(right, one.dialect), one.dialect.width), False)
    raise Unclear(f"{one.text} {op} {words(right)}")


def _ordered(op: str, bound: int, width: int) -> IntervalSet:
    top = (1 << width) - 1
    spans = {"<": (0, bound - 1), "<=": (0, bound), ">": (bound + 1, top), ">=": (bound, top)}[op]
    return IntervalSet((spans,)) if spans[0] <= spans[1] else IntervalSet()


def _bits(context: Context, one: Operand, right: object, none: bool) -> Tests:
    """``(operand & right) != 0``, or with ``none`` ``== 0``."""
    if one.dialect is None or not one.dialect.width or one.field not in header.widths(4):
        return (undecided(context, one, "!" if none else "in", right),)
    asked = number(right, one.dialect)
    full = (1 << one.dialect.width) - 1
    mask = (full if one.mask is None else one.mask) & asked
    if one.dialect is Dialect.STATE:
        kinds = states(
            IntervalSet.span(1, full), Operand(one.text, dialect=one.dialect, mask=mask, flip=one.flip & asked)
        )
        return (Among(header.STATE, kinds, negated=none),)
    if one.dialect is Dialect.STATUS:
        return connection_status(
            context, replace(one, mask=mask, flip=one.flip & asked), IntervalSet.single(0), not none
        )
    if one.flip & asked:
        raise Unclear(f"turned bits of {one.text}")
    test = Among(one.field, IntervalSet.single(0), mask, negated=not none)
    return ported(context, one, (test,), f"{'!' if none else 'in'} {words(right)}")
