"""Changes of marks and headers (``meta mark set``, ``ip daddr set``). What a field becomes and nobody here can say is
any value; the packet goes on all the same.
"""

from __future__ import annotations

from dataclasses import replace

from bailiwick.dataplane.nft import marks
from bailiwick.dataplane.nft.alternatives import Outcomes, key_of, keyed
from bailiwick.dataplane.nft.comparing import operands_of
from bailiwick.dataplane.nft.context import Context
from bailiwick.dataplane.nft.errors import Unclear
from bailiwick.dataplane.nft.operands import PORTFUL, Operand, operand
from bailiwick.dataplane.nft.values import Dialect, number
from bailiwick.dataplane.nft.words import words
from bailiwick.dataplane.rules import (
    ANYTHING,
    CopyField,
    Note,
    Scramble,
    SetField,
    Step,
    Whatever,
    unknown_target,
)
from bailiwick.packets import header

Ways = list[tuple[Step, ...]]
CHANGEABLE = frozenset(ANYTHING) - {header.STATUS, header.MARK, header.CT_MARK}


def change(context: Context, inner: object) -> Ways:
    """The ways through one change. Raises Unclear."""
    if not isinstance(inner, dict) or "key" not in inner or "value" not in inner:
        raise Unclear("a change of nothing")
    key, value = inner["key"], inner["value"]
    one = operand(key)
    # Without a connection `ct mark set` does nothing, and the rule goes on.
    needs = context.needs(replace(one, tracked=False))
    if one.dialect is Dialect.MARK and one.mask is None:
        return [(*needs, *way) for way in _marked(context, one.field, value)]
    text = f"{one.text} set {words(value)}"
    if one.text in _NOTES or one.text.startswith("tcp option") or _hops(one.text, value):
        return [(*needs, Note(text))]
    context.unsure.append(f"{text}: what it changes may be asked for later")
    if one.text.partition(" ")[0] in _ELSEWHERE or one.text in ("ip ttl", "ip6 hoplimit"):
        return [(*needs, Whatever(text))]
    if one.field not in CHANGEABLE:
        return [(*needs, *unknown_target(text))]
    return [(*needs, *_readable(context, value), Scramble(_written(context, one), text))]


_ELSEWHERE = frozenset({"meta", "ct", "ether", "vlan", "arp"})
"""What is written there is no field of the header: it may end the packet's way, or not."""


def _written(context: Context, one: Operand) -> tuple[str, ...]:
    """``th dport`` names bytes: where the protocol has no ports, others of its fields."""
    ported = not one.loose or (context.protocols is not None and PORTFUL.covers(context.protocols))
    return (one.field,) if ported else (one.field, header.ICMP_TYPE, header.ICMP_CODE)


def _readable(context: Context, value: object) -> tuple[Step, ...]:
    """A value that is read from the packet may be missing there, and ends the rule then."""
    return (context.unknown(f"there is {words(value)}"),) if isinstance(value, dict) else ()


_NOTES = frozenset(
    {"meta priority", "meta nftrace", "ct label", "ct event", "ct secmark", "meta secmark", "ip dscp", "ip6 dscp"}
    | {"ip ecn", "ip6 ecn", "ip6 flowlabel"}
)
"""No test of the common form asks for these: a test of a label or a service class is an unknown anyway."""


def _hops(text: str, value: object) -> bool:
    """A packet with hops left lives; with fewer than two, the next router would drop it."""
    return text in ("ip ttl", "ip6 hoplimit") and isinstance(value, int) and value >= 2


def _marked(context: Context, field: str, value: object) -> Ways:
    before = context.copy()
    try:
        return _told(context, field, value)
    except Unclear as unclear:
        context.forget(before)
        text = f"{field} set {words(value)}"
        context.unsure.append(f"{text}: {unclear}")
        return [(*_readable(context, value), Scramble((field,), text))]


def _told(context: Context, field: str, value: object) -> Ways:
    if isinstance(value, dict) and "map" in value:
        if any(one.field == field for one in operands_of(key_of(value["map"]))):
            raise Unclear("a mark by itself")
        found: Outcomes[int] = keyed(context, value["map"], lambda data: number(data, Dialect.MARK))
        out: Ways = []
        if found.table is not None:
            table = found.table
            by_number: dict[int, list[int]] = {}
            for at, (_, mark) in enumerate(table.entries):
                by_number.setdefault(mark, []).append(at)
            out.extend((*found.needs, table.part(places), SetField(field, mark)) for mark, places in by_number.items())
        return [*out, *((*found.needs, *tests, SetField(field, mark)) for tests, mark in found.others)]
    try:
        steps = marks.steps(field, value)
        connected = field == header.MARK and any(isinstance(step, CopyField) for step in steps)
        return [(*(context.asks_connection() if connected else ()), *steps)]
    except Unclear:
        draws = list(marks.drawn(value))
    perhaps = context.unknown(words(value))
    return [(perhaps, SetField(field, draw)) for draw in draws]
