"""The packet filters: what ``nft -j list ruleset`` lists, without what packets change (libnftables-json(5))."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bailiwick.agent.look import foreign
from bailiwick.agent.look.aspects.fact import Fact, Side, flags
from bailiwick.agent.look.aspects.xtables import Place
from bailiwick.dataplane.nft.words import statements, words

Json = Mapping[str, Any]
MANY = 4096
"""Elements of a set: beyond that nobody reads them one by one."""
_COUNTED = frozenset({"handle", "packets", "bytes", "used", "expires", "last"})
"""What the kernel counts, or numbers as it likes."""


def ruleset(
    listed: Json, links: Mapping[str, str], saved: Mapping[Place, list[str]] | None = None
) -> tuple[Side, Side]:
    """Our tables, and everyone else's. ``links``: name to owner, by which a rule of a shared chain is told apart.

    ``saved``: how iptables itself says the rules of its chains, of which nft's JSON tells half.
    """
    ours, others = Side(), Side()
    entries = [next(iter(entry.items())) for entry in _ordered(listed["nftables"])]
    shared = _Shared(links, _holders(entries))
    numbers: Counter[Place] = Counter()
    for kind, one in entries:
        owner = foreign.of_table(one["family"], one["name"] if kind == "table" else one["table"])
        for fact in _facts(kind, one):
            if not owner:
                ours.add(fact)
                continue
            told = fact
            if kind == "rule":
                place = (one["family"], one["table"], one["chain"])
                lines = (saved or {}).get(place, [])[numbers[place] :][:1]
                numbers[place] += 1
                told = Fact(fact.subject, lines[0]) if lines and '"xt"' in json.dumps(one["expr"]) else fact
            if kind in ("table", "chain") and not _matters(one):
                continue
            whose = shared.owner(told, kind, one) if owner == foreign.UNKNOWN else owner
            others.add(replace(told, whose="" if whose in foreign.RIVALS else whose))
    return ours, others


def _matters(one: Json) -> bool:
    """Whether somebody else's table or chain does anything by itself: most do not, and are made as soon as needed."""
    return one.get("policy", "accept") != "accept" or "flags" in one


def _holders(entries: list[tuple[str, Json]]) -> dict[tuple[str, str], str]:
    """Who is at home in a table that is anybody's, by its chains: first those whose rules last."""
    found: dict[tuple[str, str], str] = {}
    for kind, one in entries:
        if kind == "chain" and (owner := foreign.of_chain(one["name"])):
            table = (one["family"], one["table"])
            if table not in found or owner in foreign.RIVALS:
                found[table] = owner
    return found


@dataclass(frozen=True, slots=True)
class _Shared:
    """Tables that are anybody's: a chain or a rule tells whose it is; the table and its base chains are made by the
    first who needs them."""

    links: Mapping[str, str]
    holders: Mapping[tuple[str, str], str]

    def owner(self, fact: Fact, kind: str, one: Json) -> str:
        """ "" where nothing tells."""
        if kind == "rule":
            return foreign.of_chain(one["chain"]) or foreign.of_rule(fact.value, self.links)
        if kind == "table":
            return self.holders.get((one["family"], one["name"]), "")
        made = foreign.of_chain(one["name"])
        return made or (self.holders.get((one["family"], one["table"]), "") if kind == "chain" else "")


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
            yield from _elements(name, [_still(element) for element in one.get("elem", [])])


def _elements(name: str, elements: list[Any]) -> Iterator[Fact]:
    """One fact each, in an order of their own; of very many, one for all."""
    if len(elements) > MANY:
        whole = sorted(json.dumps(element, sort_keys=True) for element in elements)
        yield Fact(f"elements of {name}", f"{len(elements)} of them", _digest(whole))
    else:
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
