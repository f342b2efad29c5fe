"""Statements of a rule to steps. One that nobody here knows may do anything to the packet, and is entered as such.

A statement gives the ways through it, each a sequence of steps; most give one. No packet takes two of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from bailiwick.dataplane.nft import marks
from bailiwick.dataplane.nft.alternatives import Outcomes, mapping
from bailiwick.dataplane.nft.context import Context
from bailiwick.dataplane.nft.errors import Unclear
from bailiwick.dataplane.nft.matching import match, operands_of
from bailiwick.dataplane.nft.operands import operand
from bailiwick.dataplane.nft.translation import ANYTHING, KINDS, translate
from bailiwick.dataplane.nft.values import Dialect, number
from bailiwick.dataplane.nft.verdicts import NAMES, verdict
from bailiwick.dataplane.nft.words import words
from bailiwick.dataplane.rules import (
    CopyField,
    FastTrack,
    Note,
    NoTrack,
    Reject,
    SetField,
    Step,
    Translate,
    Verdict,
    VerdictMap,
    Whatever,
)
from bailiwick.packets import header

T = TypeVar("T")
Ways = list[tuple[Step, ...]]
_SAVE = "nft hides what iptables-nft put here: give the output of iptables-save instead"


def ways(context: Context, statement: object) -> Ways:
    """The ways through one statement; never raises Unclear, and never leaves a statement out."""
    if not isinstance(statement, dict) or len(statement) != 1:
        return [(_whatever(context, statement),)]
    ((kind, inner),) = statement.items()
    reader = _READERS.get(kind)
    before = context.copy()
    try:
        if kind in NAMES:
            return [(verdict(statement),)]
        if kind in KINDS:
            return translate(context, kind, inner if isinstance(inner, dict) else {})
        if reader is not None:
            return reader(context, inner)
    except Unclear as unclear:
        # What was asked on the way has not been written down.
        context.forget(before)
        return [_unclear(context, kind, statement, str(unclear))]
    return [(_whatever(context, statement),)]


def _whatever(context: Context, statement: object, why: str = "") -> Whatever:
    text = words(statement)
    context.unsure.append(f"{text}: {why}" if why else text)
    return Whatever(text)


def _unclear(context: Context, kind: str, statement: object, why: str) -> tuple[Step, ...]:
    if kind == "match":
        return (context.unknown(words(statement), False, why),)
    if kind in KINDS:
        context.unsure.append(f"{words(statement)}: {why}")
        return (Translate(kind, ANYTHING[context.version or 4]),)
    return (_whatever(context, statement, why),)


def _match(context: Context, inner: object) -> Ways:
    if not isinstance(inner, dict) or "left" not in inner or "right" not in inner:
        raise Unclear("a match without sides")
    return [match(context, inner.get("op", "=="), inner["left"], inner["right"])]


def _vmap(context: Context, inner: object) -> Ways:
    found: Outcomes[Verdict] = _mapping(context, inner, verdict)
    out: Ways = []
    if found.table is not None:
        table = found.table
        out.append((*found.needs, VerdictMap(table.keys, table.entries, table.name, table.lines)))
    out.extend((*found.needs, *tests, to) for tests, to in found.others)
    if len(out) > 1 and any(one.field in (header.MARK, header.CT_MARK) for one in operands_of(_key(inner))):
        # A chain that one way leads to may change the mark by which the next way is told apart.
        raise Unclear("a map of marks with a default")
    return out


def _key(inner: object) -> object:
    return inner.get("key") if isinstance(inner, dict) else None


def _mapping(context: Context, inner: object, read: Callable[[object], T]) -> Outcomes[T]:
    if not isinstance(inner, dict):
        raise Unclear("a map without a key")
    return mapping(context, inner.get("key"), inner.get("data"), read)


def _mangle(context: Context, inner: object) -> Ways:
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
    return [(*needs, _whatever(context, {"mangle": inner}, "what it changes may be asked for later"))]


_NOTES = frozenset(
    {"meta priority", "meta nftrace", "ct label", "ct event", "ct secmark", "meta secmark", "ip dscp", "ip6 dscp"}
    | {"ip ecn", "ip6 ecn", "ip6 flowlabel"}
)
"""No test of the common form asks for these: a test of a label or a service class is an unknown anyway."""


def _hops(text: str, value: object) -> bool:
    """A packet with hops left lives; with fewer than two, the next router would drop it."""
    return text in ("ip ttl", "ip6 hoplimit") and isinstance(value, int) and value >= 2


def _marked(context: Context, field: str, value: object) -> Ways:
    if isinstance(value, dict) and "map" in value:
        if any(one.field == field for one in operands_of(_key(value["map"]))):
            raise Unclear("a mark by itself")
        found: Outcomes[int] = _mapping(context, value["map"], lambda data: number(data, Dialect.MARK))
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


def _chance(kind: str) -> Callable[[Context, object], Ways]:
    def read(context: Context, inner: object) -> Ways:
        needs: tuple[Step, ...] = ()
        if isinstance(inner, dict) and "map" in inner:
            found = _mapping(context, inner["map"], words)
            needs = found.needs
        return [(*needs, context.unknown(words({kind: inner})))]

    return read


def _counter(context: Context, inner: object) -> Ways:
    if isinstance(inner, dict) and "map" in inner:
        found = _mapping(context, inner["map"], words)
        tests: tuple[Step, ...] = (found.table.part(range(len(found.table.entries))),) if found.table else ()
        return [(*found.needs, *tests, Note(words({"counter": inner})))]
    return [(Note("counter"),)]


def _note(kind: str) -> Callable[[Context, object], Ways]:
    return lambda _, inner: [(Note(words({kind: inner})),)]


def _update(context: Context, inner: object) -> Ways:
    """``add @set { … }`` fails where the set is full or its limit is reached (nft_dynset.c)."""
    if not isinstance(inner, dict):
        raise Unclear("an update of no set")
    if inner.get("op") == "delete":
        return [(Note(words({"set": inner})),)]
    key = inner.get("elem")
    if isinstance(key, dict) and isinstance(key.get("elem"), dict):
        key = key["elem"].get("val")
    needs = tuple(test for one in operands_of(key) for test in context.needs(one))
    return [(*needs, context.unknown(words({"set": inner})))]


def _meter(context: Context, inner: object) -> Ways:
    needs = tuple(test for one in operands_of(_key(inner)) for test in context.needs(one))
    return [(*needs, context.unknown(words({"meter": inner})))]


def _reject(context: Context, inner: object) -> Ways:
    kind = inner.get("type") if isinstance(inner, dict) else None
    how = f"{kind} {inner.get('expr', '')}".strip() if isinstance(inner, dict) and kind else ""
    needs = context.asks_version({"icmp": 4, "icmpv6": 6}.get(str(kind)))
    return [(*needs, Reject(how))]


def _flow(context: Context, inner: object) -> Ways:
    """What cannot be offloaded, the rule lets go of (nft_flow_offload.c)."""
    text = words({"flow": inner})
    return [(FastTrack(text), context.unknown(text, why="only what the flowtable takes goes on in the rule"))]


def _xt(context: Context, inner: object) -> Ways:
    kind, name = (inner.get("type"), inner.get("name")) if isinstance(inner, dict) else (None, None)
    if kind == "watcher" or name in ("comment", *_XT_NOTES):
        return [(Note(f"xt {name}"),)]
    if kind == "match":
        return [(context.unknown(f"xt match {name}", why=_SAVE),)]
    context.unsure.append(f"xt {kind} {name}: {_SAVE}")
    return [(Whatever(f"xt {kind} {name}"),)]


_XT_NOTES = ("LOG", "NFLOG", "TCPMSS", "AUDIT", "TRACE", "CLASSIFY", "DSCP", "CHECKSUM", "IDLETIMER", "LED")

_READERS: Mapping[str, Callable[[Context, object], Ways]] = {
    "match": _match,
    "vmap": _vmap,
    "mangle": _mangle,
    "counter": _counter,
    "limit": _chance("limit"),
    "quota": _chance("quota"),
    "ct count": _chance("ct count"),
    "connlimit": _chance("connlimit"),
    "last": _note("last"),
    "log": _note("log"),
    "ct helper": _note("ct helper"),
    "ct timeout": _note("ct timeout"),
    "ct expectation": _note("ct expectation"),
    "reset": _note("reset"),
    "comment": _note("comment"),
    "set": _update,
    "meter": _meter,
    "reject": _reject,
    "notrack": lambda _, __: [(NoTrack(),)],
    "flow": _flow,
    "xt": _xt,
}
