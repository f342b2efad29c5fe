"""``match`` statements to tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bailiwick.dataplane.nft.context import NEVER, Context
from bailiwick.dataplane.nft.errors import Unclear
from bailiwick.dataplane.nft.numbers import STATUSES
from bailiwick.dataplane.nft.operands import PORTFUL, Operand, operand
from bailiwick.dataplane.nft.sets import Element, Elements, sides, states, unflipped
from bailiwick.dataplane.nft.values import Dialect, number, numbers_of, pattern
from bailiwick.dataplane.nft.words import words
from bailiwick.dataplane.rules import (
    AddressType,
    Among,
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
from bailiwick.packets.header import Status
from bailiwick.packets.interval import IntervalSet

Tests = tuple[Test | AnyOf, ...]
_FIB_KINDS = frozenset(
    {"local", "unicast", "broadcast", "multicast", "anycast", "unspec", "blackhole", "unreachable", "prohibit"}
)
_EXTENSIONS = IntervalSet.of((n, n) for n in (0, 43, 44, 50, 51, 60, 135, 139, 140))
"""IPv6 extension headers (RFC 7045 and IANA's registry): the transport stands behind them."""


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


def operands_of(left: object) -> tuple[Operand, ...]:
    """One operand, or those of a concatenation. Raises Unclear."""
    if isinstance(left, dict) and isinstance(left.get("concat"), list) and left["concat"]:
        return tuple(operand(part) for part in left["concat"])
    return (operand(left),)


def _is_set(right: object) -> bool:
    return (isinstance(right, str) and right.startswith("@")) or (isinstance(right, dict) and "set" in right)


def _single(context: Context, one: Operand, op: str, right: object) -> Tests:
    if not one.field:
        return (_unknown(context, one, op, right),)
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


def _unknown(context: Context, one: Operand, op: str, right: object) -> Unknown:
    middle = "" if op in ("==", "in") else f"{op} "
    return context.unknown(f"{one.text} {middle}{words(right)}", one.steady)


def _bits(context: Context, one: Operand, right: object, none: bool) -> Tests:
    """``(operand & right) != 0``, or with ``none`` ``== 0``."""
    if one.dialect is None or not one.dialect.width or one.field not in header.widths(4):
        return (_unknown(context, one, "!" if none else "in", right),)
    asked = number(right, one.dialect)
    full = (1 << one.dialect.width) - 1
    mask = (full if one.mask is None else one.mask) & asked
    if one.dialect is Dialect.STATE:
        kinds = states(
            IntervalSet.span(1, full), Operand(one.text, dialect=one.dialect, mask=mask, flip=one.flip & asked)
        )
        return (Among(header.STATE, kinds, negated=none),)
    if one.dialect is Dialect.STATUS:
        return _status(context, replace(one, mask=mask, flip=one.flip & asked), IntervalSet.single(0), not none)
    if one.flip & asked:
        raise Unclear(f"turned bits of {one.text}")
    test = Among(one.field, IntervalSet.single(0), mask, negated=not none)
    return _ported(context, one, (test,), f"{'!' if none else 'in'} {words(right)}")


def values(context: Context, one: Operand, asked: IntervalSet, negated: bool) -> Tests:
    """The operand has one of these values (or none of them). Raises Unclear."""
    assert one.dialect is not None
    if one.field == "nexthdr":
        return _next_header(context, one, asked, negated)
    if one.field in ("family", "ether type"):
        return _versions(context, one, asked, negated)
    if one.dialect is Dialect.STATE:
        return (Among(header.STATE, states(asked, one), negated=negated),)
    if one.dialect is Dialect.STATUS:
        return _status(context, one, asked, negated)
    test = Among(one.field, unflipped(asked, one), one.mask, negated)
    if one.field == header.PROTOCOL and one.mask is None and not negated:
        context.learn(test.values)
    return _ported(context, one, (test,), _said(asked, negated))


def _said(asked: IntervalSet, negated: bool) -> str:
    spans = ", ".join(f"{first}-{last}" for first, last in asked.spans)
    return f"{'!= ' if negated else ''}{spans}"


def _ported(context: Context, one: Operand, tests: Tests, asked: str) -> Tests:
    """``th dport`` reads the same bytes of every protocol; only those with ports have ports there."""
    if not one.loose or (context.protocols is not None and PORTFUL.covers(context.protocols)):
        return tests
    other = context.unknown(f"{one.text} {asked}", True, "protocols without ports have other bytes there")
    portful = tuple(test for test in tests if isinstance(test, Among | Lookup))
    return (
        AnyOf(
            (
                (Among(header.PROTOCOL, PORTFUL), *portful),
                (Among(header.PROTOCOL, PORTFUL, negated=True), other),
            )
        ),
    )


def _next_header(context: Context, one: Operand, asked: IntervalSet, negated: bool) -> Tests:
    """``ip6 nexthdr`` is the first next header: it is the transport's unless extension headers stand before that."""
    if asked.overlaps(_EXTENSIONS):
        return (context.unknown(f"{one.text} {'!= ' if negated else ''}an extension header", True),)
    behind = context.unknown("ip6 extension headers", True, "a transport behind them is not the first next header")
    straight = Among(header.PROTOCOL, asked)
    if negated:
        return (AnyOf(((Among(header.PROTOCOL, asked, negated=True),), (behind,))),)
    # No extension header before it, or the test fails: said as "not (other protocol or behind some)".
    return (straight, AnyOf(((behind,),), negated=True))


def _versions(context: Context, one: Operand, asked: IntervalSet, negated: bool) -> Tests:
    kinds = {4: 0x0800, 6: 0x86DD} if one.dialect is Dialect.ETHER_TYPE else {4: 4, 6: 6}
    wanted = {version for version, value in kinds.items() if (value in asked) is not negated}
    routed = context.family in ("ip", "ip6", "inet")
    if not routed and (one.dialect is Dialect.VERSION or negated or asked.size() != len(wanted)):
        return (context.unknown(f"{one.text} {'!= ' if negated else ''}{list(asked.spans)}", True),)
    if one.field == "ether type" and routed:
        # An Ethernet header is needed too, and not every link has one.
        return (*_version(context, wanted), context.unknown("meta iiftype ether", True))
    return _version(context, wanted)


def _version(context: Context, wanted: set[int]) -> Tests:
    if len(wanted) == 2:
        return ()
    if not wanted:
        return (NEVER,)
    return context.asks_version(next(iter(wanted)))


_STATUS_BITS = {
    Status.DNAT: STATUSES["dnat"],
    Status.SNAT: STATUSES["snat"],
    Status.CONFIRMED: STATUSES["confirmed"],
}
_OTHER_STATUS = [STATUSES[name] for name in ("expected", "seen-reply", "assured", "dying")] + [1 << 12]


def _status(context: Context, one: Operand, asked: IntervalSet, negated: bool) -> Tests:
    """Three bits of ``ct status`` are fields of the header; the others may be set or not."""
    mask = (1 << 32) - 1 if one.mask is None else one.mask
    may: list[tuple[int, int]] = []
    must: list[tuple[int, int]] = []
    for known in range(8):
        base = sum(bit for status, bit in _STATUS_BITS.items() if known & status)
        answers = {((word & mask) ^ one.flip in asked) is not negated for word in _words(base)}
        if True in answers:
            may.append((known, known))
            if False not in answers:
                must.append((known, known))
    possible, certain = IntervalSet.of(may), IntervalSet.of(must)
    if possible == certain:
        return (Among(header.STATUS, possible),)
    text = f"{one.text} & {mask} ^ {one.flip} {_said(asked, negated)}: its other bits"
    other = context.unknown(text, True)
    return (AnyOf(((Among(header.STATUS, certain),), (Among(header.STATUS, possible), other))),)


def _words(base: int) -> list[int]:
    words_ = [base]
    for bit in _OTHER_STATUS:
        words_ += [word | bit for word in words_]
    return words_


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
    return _ported(context, _loosest(operands, found), (lookup,), _inside(found, negated))


def _loosest(operands: Sequence[Operand], found: Elements) -> Operand:
    """The operand that reads ports of any protocol, unless every entry names a protocol that has some."""
    loose = next((one for one in operands if one.loose), operands[0])
    if loose.loose and protocols_with_ports(operands, found):
        return operands[next(i for i, one in enumerate(operands) if one.field == header.PROTOCOL)]
    return loose


def protocols_with_ports(operands: Sequence[Operand], found: Elements) -> bool:
    """Whether the key itself asks for protocols that have ports."""
    at = [i for i, one in enumerate(operands) if one.field == header.PROTOCOL and one.mask is None]
    return bool(at) and all(PORTFUL.covers(sides_[at[0]]) for _, sides_ in found.entries(operands))  # type: ignore[arg-type]


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
