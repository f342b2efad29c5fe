"""Statements of a rule to steps. One that nobody here knows may do anything to the packet, and is entered as such.

A statement gives the ways through it, each a sequence of steps; most give one. No packet takes two of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from bailiwick.dataplane.nft.alternatives import Outcomes, key_of, keyed
from bailiwick.dataplane.nft.changes import change
from bailiwick.dataplane.nft.comparing import operands_of
from bailiwick.dataplane.nft.context import Context
from bailiwick.dataplane.nft.errors import Unclear
from bailiwick.dataplane.nft.fills import MAP_CHANGE
from bailiwick.dataplane.nft.matching import match
from bailiwick.dataplane.nft.translation import KINDS, anywhere, translate
from bailiwick.dataplane.nft.verdicts import NAMES, verdict
from bailiwick.dataplane.nft.words import words
from bailiwick.dataplane.rules import (
    MARKS,
    FastTrack,
    Note,
    NoTrack,
    Reject,
    Scramble,
    Step,
    Unknown,
    Verdict,
    VerdictMap,
    Whatever,
    unknown_target,
)
from bailiwick.packets import header

T = TypeVar("T")
Ways = list[tuple[Step, ...]]
_SAVE = "nft hides what iptables-nft put here: give the output of iptables-save instead"


def ways(context: Context, statement: object) -> Ways:
    """The ways through one statement; never raises Unclear, and never leaves a statement out."""
    if isinstance(statement, str) and (found := MAP_CHANGE.match(statement)):
        return [(Note(statement) if found[1] == "delete" else context.unknown(statement),)]
    if not isinstance(statement, dict) or len(statement) != 1:
        return [_whatever(context, "", statement)]
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
        return _unclear(context, kind, statement, str(unclear))
    return [_whatever(context, kind, statement)]


def _whatever(context: Context, kind: str, statement: object, why: str = "") -> tuple[Step, ...]:
    text = words(statement)
    context.unsure.append(f"{text}: {why}" if why else text)
    return (Whatever(text),) if kind in _TAKING else unknown_target(text)


_TAKING = frozenset({"tproxy", "synproxy", "dup", "fwd"})
"""These take the packet away or let it go on, and change nothing in it."""


def _unclear(context: Context, kind: str, statement: object, why: str) -> Ways:
    if kind == "match":
        return [(context.unknown(words(statement), False, why),)]
    if kind in KINDS:
        context.unsure.append(f"{words(statement)}: {why}")
        return anywhere(context, kind)
    if kind == "vmap":
        context.unsure.append(f"{words(statement)}: {why}")
        return [(Whatever(words(statement)),)]
    return [_whatever(context, kind, statement, why)]


def _match(context: Context, inner: object) -> Ways:
    if not isinstance(inner, dict) or "left" not in inner or "right" not in inner:
        raise Unclear("a match without sides")
    return [match(context, inner.get("op", "=="), inner["left"], inner["right"])]


def _vmap(context: Context, inner: object) -> Ways:
    found: Outcomes[Verdict] = keyed(context, inner, verdict)
    out: Ways = []
    if found.table is not None:
        table = found.table
        out.append((*found.needs, VerdictMap(table.keys, table.entries, table.name, table.lines)))
    out.extend((*found.needs, *tests, to) for tests, to in found.others)
    if len(out) > 1 and any(one.field in (header.MARK, header.CT_MARK) for one in operands_of(key_of(inner))):
        # A chain that one way leads to may change the mark by which the next way is told apart.
        raise Unclear("a map of marks with a default")
    return out


def _chance(kind: str) -> Callable[[Context, object], Ways]:
    def read(context: Context, inner: object) -> Ways:
        needs: tuple[Step, ...] = ()
        if isinstance(inner, dict) and "map" in inner:
            found = keyed(context, inner["map"], words)
            needs = found.needs
        return [(*needs, context.unknown(words({kind: inner})))]

    return read


def _counter(context: Context, inner: object) -> Ways:
    if isinstance(inner, dict) and "map" in inner:
        found = keyed(context, inner["map"], words)
        tests: tuple[Step, ...] = (found.table.part(range(len(found.table.entries))),) if found.table else ()
        return [(*found.needs, *tests, Note(words({"counter": inner})))]
    return [(Note("counter"),)]


def _note(kind: str) -> Callable[[Context, object], Ways]:
    return lambda _, inner: [(Note(words({kind: inner})),)]


def _update(context: Context, inner: object) -> Ways:
    """``add @set { … }`` fails where the set is full or its limit is reached (nft_dynset.c); a map is such a set."""
    if not isinstance(inner, dict):
        raise Unclear("an update of no set")
    text = words({"map" if "map" in inner else "set": inner})
    if inner.get("op") == "delete":
        return [(Note(text),)]
    key = inner.get("elem")
    if isinstance(key, dict) and isinstance(key.get("elem"), dict):
        key = key["elem"].get("val")
    needs = tuple(test for one in operands_of(key) for test in context.needs(one))
    return [(*needs, context.unknown(text))]


def _meter(context: Context, inner: object) -> Ways:
    needs = tuple(test for one in operands_of(key_of(inner)) for test in context.needs(one))
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
    text = f"xt {kind} {name}"
    context.unsure.append(f"{text}: {_SAVE}")
    if name in _XT_TRANSLATIONS:
        return anywhere(context, _XT_TRANSLATIONS[str(name)])
    if name in _XT_MARKS:
        return [(Scramble(MARKS, text),)]
    if name == "CT":
        return [(Unknown(text), NoTrack())]
    if name == "TPROXY":
        return [(Scramble(MARKS, text), Whatever(text))]
    return [unknown_target(text)]


_XT_TRANSLATIONS = {"DNAT": "dnat", "REDIRECT": "dnat", "SNAT": "snat", "MASQUERADE": "snat"}
_XT_MARKS = frozenset({"MARK", "CONNMARK", "HMARK", "SET"})
_XT_NOTES = ("LOG", "NFLOG", "TCPMSS", "AUDIT", "TRACE", "CLASSIFY", "DSCP", "CHECKSUM", "IDLETIMER", "LED")

_READERS: Mapping[str, Callable[[Context, object], Ways]] = {
    "match": _match,
    "vmap": _vmap,
    "mangle": change,
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
    "map": _update,
    "meter": _meter,
    "reject": _reject,
    "notrack": lambda _, __: [(NoTrack(),)],
    "flow": _flow,
    "xt": _xt,
}
