"""Operands against sets and concatenations."""

from __future__ import annotations

from collections.abc import Sequence

from bailiwick.dataplane.nft.comparing import Tests, ported, values
from bailiwick.dataplane.nft.context import NEVER, Context
from bailiwick.dataplane.nft.errors import Unclear
from bailiwick.dataplane.nft.operands import PORTFUL, Operand
from bailiwick.dataplane.nft.sets import Element, Elements, sides
from bailiwick.dataplane.nft.values import Dialect, numbers_of, pattern
from bailiwick.dataplane.nft.words import words
from bailiwick.dataplane.rules import (
    AddressType,
    AnyOf,
    Key,
    Lookup,
    OnInterface,
    ReturnPath,
    Side,
    Test,
    Unknown,
)
from bailiwick.dataplane.tally import Line
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet

_FIB_KINDS = frozenset(
    {"local", "unicast", "broadcast", "multicast", "anycast", "unspec", "blackhole", "unreachable", "prohibit"}
)


def membership(context: Context, operands: Sequence[Operand], found: Elements, negated: bool) -> Tests:
    """The operands stand in a set (or not). What they need has been asked. Raises Unclear."""
    if found.catch_all is not None:
        return (NEVER,) if negated else ()
    fleeting = found.open or any(not one.lasting for one in found.elements)
    certain = _certain(context, operands, found, negated and not fleeting)
    if not fleeting:
        return certain
    name = f"@{found.name}" if found.name else "a set"
    coming = context.unknown(f"{' . '.join(one.text for one in operands)} {name}", why="its elements come and go")
    simple = tuple(test for test in certain if not isinstance(test, AnyOf))
    return (AnyOf((simple, (coming,)), negated) if len(simple) == len(certain) else coming,)


def _certain(context: Context, operands: Sequence[Operand], found: Elements, negated: bool) -> Tests:
    if len(operands) == 1:
        one = operands[0]
        if one.field == "fib":
            return (_fib(context, one, found, negated),)
        if not one.field:
            return (_unknown_set(context, operands, found, negated),)
        if one.interface:
            return (_interfaces(one, found, negated),)
        if not found.name or not one.plain:
            assert one.dialect is not None
            asked = IntervalSet.union(
                numbers_of(element.key, one.dialect) for element in found.elements if element.lasting
            )
            return values(context, one, asked, negated)
    plain = [one.plain for one in operands]
    if all(plain):
        return _ported_lookup(context, operands, found, negated)
    known = [one for one in operands if one.plain]
    if not known:
        return (_unknown_set(context, operands, found, negated),)
    return _partly(context, operands, found, negated)


def _interfaces(one: Operand, found: Elements, negated: bool) -> Test:
    entries = found.entries((one,))
    if found.name:
        return Lookup((Key(one.field),), tuple(side for _, side in entries), negated, found.name, _lines(entries))
    return OnInterface(one.field, tuple(pattern(element.key) for element, _ in entries), negated)


def _lines(entries: Sequence[tuple[Element, tuple[Side, ...]]]) -> tuple[Line | None, ...]:
    return tuple(element.line for element, _ in entries) if any(element.line for element, _ in entries) else ()


def keys_of(operands: Sequence[Operand]) -> tuple[Key, ...]:
    """The keys of a lookup by these operands, each a plain one."""
    return tuple(Key(one.field, one.mask) if one.dialect is not Dialect.STATE else Key(one.field) for one in operands)


def _ported_lookup(context: Context, operands: Sequence[Operand], found: Elements, negated: bool) -> Tests:
    entries = found.entries(operands)
    lookup = Lookup(keys_of(operands), tuple(side for _, side in entries), negated, found.name, _lines(entries))
    return ported(context, _loosest(operands, found), (lookup,), _inside(found, negated))


def _loosest(operands: Sequence[Operand], found: Elements) -> Operand:
    """The operand that reads ports of any protocol, unless every entry names a protocol that has some."""
    loose = next((one for one in operands if one.loose), operands[0])
    if loose.loose and protocols_with_ports(operands, found):
        return operands[next(i for i, one in enumerate(operands) if one.field == header.PROTOCOL)]
    return loose


def protocols_with_ports(operands: Sequence[Operand], found: Elements) -> bool:
    """Whether the key itself asks for protocols that have ports."""
    at = [i for i, one in enumerate(operands) if one.field == header.PROTOCOL and one.mask is None]
    asked = [sides_[at[0]] for _, sides_ in found.entries(operands)] if at else []
    return bool(at) and all(isinstance(one, IntervalSet) and PORTFUL.covers(one) for one in asked)


def _partly(context: Context, operands: Sequence[Operand], found: Elements, negated: bool) -> Tests:
    """Some of a concatenation is unknown: where the rest is found, it may match."""
    known = [i for i, one in enumerate(operands) if one.plain]
    entries = []
    for element in found.elements:
        match element.key:
            case {"concat": list(parts)} if len(parts) == len(operands):
                entries.append(
                    sides({"concat": [parts[i] for i in known]}, [operands[i] for i in known])
                    if len(known) > 1
                    else sides(parts[known[0]], [operands[known[0]]])
                )
            case _:
                raise Unclear(f"{words(element.key)} has not {len(operands)} parts")
    lookup = Lookup(keys_of([operands[i] for i in known]), tuple(entries), name=found.name)
    text = f"{' . '.join(one.text for one in operands)} {_inside(found, negated)}"
    rest = context.unknown(text, all(one.steady for one in operands))
    return (AnyOf(((lookup, rest),), negated),)


def _inside(found: Elements, negated: bool) -> str:
    inside = f"@{found.name}" if found.name else words([element.key for element in found.elements])
    return f"{'!= ' if negated else ''}{inside}"


def _unknown_set(context: Context, operands: Sequence[Operand], found: Elements, negated: bool) -> Unknown:
    text = f"{' . '.join(one.text for one in operands)} {_inside(found, negated)}"
    return context.unknown(text, all(one.steady for one in operands))


def _fib(context: Context, one: Operand, found: Elements, negated: bool) -> Test:
    """``fib`` of every form that the common form has; what it has not is unknown (nft_fib(4) of the kernel)."""
    assert one.fib is not None
    result, flags = one.fib
    inside = [element.key for element in found.elements]
    kinds = frozenset(kind for kind in inside if isinstance(kind, str) and kind in _FIB_KINDS)
    if result == "type" and flags - {"iif"} in ({"saddr"}, {"daddr"}) and len(kinds) == len(inside):
        key = header.SOURCE if "saddr" in flags else header.DESTINATION
        return AddressType(key, kinds, negated, "iif" in flags)
    if result == "oif" and "saddr" in flags and flags <= {"saddr", "iif", "mark"} and len(inside) == 1:
        there = {True: True, False: False, "0": False}.get(inside[0]) if _flat(inside[0]) else None
        if there is not None:
            return ReturnPath(missing=there is negated, any_interface="iif" not in flags, marked="mark" in flags)
    return context.unknown(f"{one.text} {'!= ' if negated else ''}{words(inside)}", True)


def _flat(value: object) -> bool:
    return isinstance(value, bool | int | str)
