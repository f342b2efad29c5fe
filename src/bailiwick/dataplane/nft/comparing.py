"""One operand against values: which tests of the common form say so."""

from __future__ import annotations

from bailiwick.dataplane.nft.context import NEVER, Context
from bailiwick.dataplane.nft.numbers import STATUSES
from bailiwick.dataplane.nft.operands import PORTFUL, Operand, operand
from bailiwick.dataplane.nft.sets import states, unflipped
from bailiwick.dataplane.nft.values import Dialect
from bailiwick.dataplane.nft.words import words
from bailiwick.dataplane.rules import (
    TAGGED,
    Among,
    AnyOf,
    Lookup,
    Test,
    Unknown,
)
from bailiwick.packets import header
from bailiwick.packets.header import Status
from bailiwick.packets.interval import IntervalSet

Tests = tuple[Test | AnyOf, ...]


_EXTENSIONS = IntervalSet.of((n, n) for n in (0, 43, 44, 50, 51, 60, 135, 139, 140))
"""IPv6 extension headers (RFC 7045 and IANA's registry): the transport stands behind them."""


def operands_of(left: object) -> tuple[Operand, ...]:
    """One operand, or those of a concatenation. Raises Unclear."""
    if isinstance(left, dict) and isinstance(left.get("concat"), list) and left["concat"]:
        return tuple(operand(part) for part in left["concat"])
    return (operand(left),)


def undecided(context: Context, one: Operand, op: str, right: object) -> Unknown:
    """A comparison of what nobody here reads."""
    middle = "" if op in ("==", "in") else f"{op} "
    return context.unknown(f"{one.text} {middle}{words(right)}", one.steady)


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
        return connection_status(context, one, asked, negated)
    test = Among(one.field, unflipped(asked, one), one.mask, negated)
    if one.field == header.PROTOCOL and one.mask is None and not negated:
        context.learn(test.values)
    return ported(context, one, (test,), said(asked, negated))


def said(asked: IntervalSet, negated: bool) -> str:
    """The values in words."""
    spans = ", ".join(f"{first}-{last}" for first, last in asked.spans)
    return f"{'!= ' if negated else ''}{spans}"


def ported(context: Context, one: Operand, tests: Tests, asked: str) -> Tests:
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
    if asked == _TAGS and one.dialect is Dialect.ETHER_TYPE and not (routed or negated):
        return (context.unknown(TAGGED, True),)
    if not routed and (one.dialect is Dialect.VERSION or negated or asked.size() != len(wanted)):
        return (context.unknown(f"{one.text} {'!= ' if negated else ''}{list(asked.spans)}", True),)
    if one.field == "ether type" and routed:
        # An Ethernet header is needed too, and not every link has one.
        return (*_version(context, wanted), context.unknown("meta iiftype ether", True))
    return _version(context, wanted)


_TAGS = IntervalSet.of([(0x8100, 0x8100), (0x88A8, 0x88A8)])
"""802.1Q and 802.1ad."""


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


def connection_status(context: Context, one: Operand, asked: IntervalSet, negated: bool) -> Tests:
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
    text = f"{one.text} & {mask} ^ {one.flip} {said(asked, negated)}: its other bits"
    other = context.unknown(text, True)
    return (AnyOf(((Among(header.STATUS, certain),), (Among(header.STATUS, possible), other))),)


def _words(base: int) -> list[int]:
    words_ = [base]
    for bit in _OTHER_STATUS:
        words_ += [word | bit for word in words_]
    return words_
