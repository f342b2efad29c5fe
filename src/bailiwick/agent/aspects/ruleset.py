"""The packet filters: what ``nft -j list ruleset`` lists, without what packets change (libnftables-json(5))."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from bailiwick.agent import foreign
from bailiwick.agent.aspects.fact import Fact, Side, flags
from bailiwick.dataplane.nft.words import statements, words

Json = Mapping[str, Any]
_COUNTED = frozenset({"handle", "packets", "bytes", "used", "expires", "last"})
"""What the kernel counts, or numbers as it likes."""


def ruleset(listed: Json, links: Mapping[str, str]) -> tuple[Side, Side]:
    """Our tables, and everyone else's. ``links``: name to owner, by which a rule of a shared chain is told apart."""
    ours, others = Side(), Side()
    for entry in _ordered(listed["nftables"]):
        ((kind, one),) = entry.items()
        owner = foreign.of_table(one["family"], one["name"] if kind == "table" else one["table"])
        for fact in _facts(kind, one):
            if not owner:
                ours.add(fact)
            else:
                others.add(_others(fact, kind, one, owner, links))
    return ours, others


def _ordered(entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Tables by name, and in each its parts by kind and name; rules stay in their order."""
    found = [entry for entry in entries if "metainfo" not in entry]

    def key(entry: dict[str, Any]) -> tuple[str, str, int, str, bool]:
        ((kind, one),) = entry.items()
        name = one["chain"] if kind == "rule" else one["name"]
        table = one["name"] if kind == "table" else one["table"]
        rank = 0 if kind == "table" else 2 if kind in ("chain", "rule") else 1
        return one["family"], table, rank, name, kind == "rule"

    return iter(sorted(found, key=key))


def _facts(kind: str, one: Json) -> Iterator[Fact]:
    if kind == "table":
        yield Fact(f"table {one['family']} {one['name']}", flags((("flags", one.get("flags")),)))
        return
    table = f"{one['family']} {one['table']}"
    if kind == "chain":
        keys = ("type", "hook", "prio", "dev", "policy")
        heading = flags((key, one.get(key)) for key in keys) or "without a hook"
        yield Fact(f"chain {table} {one['name']}", heading)
    elif kind == "rule":
        expression = _still(one.get("expr", []))
        comment = f' comment "{one["comment"]}"' if one.get("comment") else ""
        text = statements(expression) + comment
        yield Fact(f"rule in {table} {one['chain']}", text, _digest(expression))
    else:
        name = f"{table} {one['name']}"
        rest = {key: value for key, value in one.items() if key not in ("family", "table", "name", "elem")}
        if kind in ("counter", "quota", "limit"):
            rest = {key: value for key, value in rest.items() if kind == "limit" or key == "comment"}
        heading = _still(rest)
        yield Fact(f"{kind} {name}", words(heading), _digest(heading))
        if not {"dynamic", "timeout"} & set(_flags(one)):
            elements = [_still(element) for element in one.get("elem", [])]
            yield from sorted(Fact(f"element of {name}", _element(element), _digest(element)) for element in elements)


def _flags(one: Json) -> list[str]:
    found = one.get("flags", [])
    return [found] if isinstance(found, str) else list(found)


def _element(element: Any) -> str:
    if isinstance(element, list) and len(element) == 2:
        return f"{words(element[0])} : {words(element[1])}"
    return words(element)


def _still(value: Any) -> Any:
    """Without what packets and loads change; counters stay as their bare name."""
    if isinstance(value, Mapping):
        if set(value) == {"counter"} and isinstance(value["counter"], Mapping):
            return {"counter": None}
        if set(value) == {"elem"} and isinstance(value["elem"], Mapping):
            rest = {key: _still(inner) for key, inner in value["elem"].items() if key not in (*_COUNTED, "counter")}
            return {"elem": rest}
        return {key: _still(inner) for key, inner in value.items() if key not in _COUNTED or key == "bytes"}
    return [_still(inner) for inner in value] if isinstance(value, list) else value


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def _others(fact: Fact, kind: str, one: Json, table: str, links: Mapping[str, str]) -> Fact:
    """``table`` is the owner of its table; where that is nobody known, a chain or a rule may tell."""
    owner = table
    if owner == foreign.UNKNOWN and kind in ("chain", "rule"):
        owner = foreign.of_chain(one["name"] if kind == "chain" else one["chain"]) or owner
        if owner == foreign.UNKNOWN and kind == "rule":
            owner = foreign.of_rule(fact.value, links) or owner
    lasting = owner == foreign.UNKNOWN or owner in foreign.RIVALS
    return fact if lasting else Fact(fact.subject, fact.value, fact.exact, whose=owner)
