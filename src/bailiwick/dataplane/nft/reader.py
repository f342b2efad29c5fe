"""``nft -j list ruleset``, as a Python object, to tables of the common form and an account of what was read.

A "line" of the account is one object of the listing (a table, chain, rule, set…) or one element of a named set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bailiwick.dataplane.nft.fills import fills
from bailiwick.dataplane.nft.numbers import BRIDGE_PRIORITIES, PRIORITIES
from bailiwick.dataplane.nft.places import Places
from bailiwick.dataplane.nft.rule import Read, rule, settled_by
from bailiwick.dataplane.nft.sets import Elements, elements
from bailiwick.dataplane.nft.words import statements, words
from bailiwick.dataplane.rules import (
    Accept,
    Chain,
    Drop,
    Goto,
    Hook,
    Jump,
    Rule,
    Step,
    Table,
    Unknown,
    VerdictMap,
    Whatever,
)
from bailiwick.dataplane.tally import Line, Tally
from bailiwick.dataplane.unreadable import Unreadable

_DEEPEST = 64
_FAMILIES = ("ip", "ip6", "inet", "bridge", "arp", "netdev")
_HARMLESS = {
    "metainfo": "says which nft wrote the listing",
    "counter": "counts",
    "ct timeout": "how long an idle connection is remembered",
    "ct helper": "expects connections that belong to others; the rules say where it is used",
    "ct expectation": "expects connections that belong to others; the rules say where it is used",
    "limit": "the rules say where it is used",
    "quota": "the rules say where it is used",
    "secmark": "a label for other modules",
    "synproxy": "the rules say where it is used",
    "flowtable": "the rules say what is put into it",
}


@dataclass(slots=True)
class _Draft:
    """A table while it is read."""

    family: str
    name: str
    line: Line
    chains: dict[str, tuple[Mapping[str, object], Line]] = field(default_factory=dict)
    rules: dict[str, list[tuple[Mapping[str, object], Line]]] = field(default_factory=dict)
    sets: dict[str, Elements] = field(default_factory=dict)
    dormant: bool | None = False
    """None: the listing does not tell."""


@dataclass(slots=True)
class _Account:
    lines: int = 0
    unknown: list[tuple[Line, str]] = field(default_factory=list)
    ignored: list[tuple[Line, str]] = field(default_factory=list)

    def tally(self) -> Tally:
        rest = self.lines - len(self.unknown) - len(self.ignored)
        return Tally(self.lines, rest, tuple(self.unknown), tuple(self.ignored))


def read(
    listing: object, file: str = "nft -j list ruleset", places: Sequence[Places] = ()
) -> tuple[tuple[Table, ...], Tally]:
    """``file`` names the listing in lines of objects that no place is known of; ``places`` are asked in their order.

    Raises Unreadable for what is no listing of nft.
    """
    return _Reader(file, tuple(places)).read(listing)


def _objects(listing: object) -> list[object]:
    if not isinstance(listing, dict) or not isinstance(listing.get("nftables"), list):
        raise Unreadable("the listing", "is not the JSON of `nft -j list ruleset`: it has no list `nftables`")
    level: list[object] = [listing]
    for _ in range(_DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            break
    else:
        raise Unreadable("the listing", f"is nested deeper than {_DEEPEST} levels")
    objects: list[object] = listing["nftables"]
    return objects


class _Reader:
    def __init__(self, file: str, places: tuple[Places, ...]) -> None:
        self.file = file
        self.places = places
        self.account = _Account()
        self.tables: dict[tuple[str, str], _Draft] = {}

    def read(self, listing: object) -> tuple[tuple[Table, ...], Tally]:
        filled: set[tuple[str, str, str, bool]] = set()
        for at, one in enumerate(_objects(listing), 1):
            self.account.lines += 1
            self._object(at, one)
            if isinstance(one, dict) and isinstance(one.get("rule"), dict):
                inner = one["rule"]
                of = str(inner.get("family")), str(inner.get("table"))
                filled |= {(*of, *one_) for one_ in fills(inner.get("expr"))}
        for family, table, name, taken in filled:
            draft = self.tables.get((family, table))
            if draft is not None and name in draft.sets:
                inside = draft.sets[name].elements
                there = tuple(replace(element, lasting=False) for element in inside) if taken else inside
                draft.sets[name] = Elements(there, name, open=True)
        tables = tuple(self._table(draft) for draft in self.tables.values())
        return tables, self.account.tally()

    def _object(self, at: int, one: object) -> None:
        place = f"nftables[{at - 1}]"
        if isinstance(one, dict) and len(one) == 1 and isinstance(one.get("add"), dict):
            one = one["add"]
        if not isinstance(one, dict) or len(one) != 1:
            raise Unreadable(place, "is no object of a ruleset")
        ((kind, inner),) = one.items()
        if not isinstance(inner, dict):
            raise Unreadable(place, f"`{kind}` holds nothing")
        line = Line(self.file, at, words({kind: inner.get("name", inner.get("version", ""))}))
        match kind:
            case "table":
                self._start(place, line, inner)
            case "chain":
                self._chain(place, line, inner)
            case "rule":
                self._rule(place, at, inner)
            case "set" | "map":
                self._set(place, line, inner)
            case "element":
                self.account.unknown.append((line, "elements that were added apart from their set"))
            case _ if kind in _HARMLESS:
                self.account.ignored.append((line, _HARMLESS[kind]))
            case _:
                self.account.unknown.append((line, f"nobody here knows a `{kind}`"))

    def _start(self, place: str, line: Line, inner: Mapping[str, object]) -> None:
        family, name = _text(place, inner, "family"), _text(place, inner, "name")
        if family not in _FAMILIES:
            raise Unreadable(place, f"there is no family `{family}`")
        key = family, name
        line = next((one.tables[key] for one in self.places if key in one.tables), line)
        self.tables.setdefault(key, _Draft(family, name, line, dormant=self._dormant(key, inner.get("flags"))))
        if self.tables[key].dormant is None:
            self.account.unknown.append(
                (line, "has flags, and nft's listing does not tell which: perhaps it is dormant")
            )

    def _dormant(self, key: tuple[str, str], flags: object) -> bool | None:
        """nft 1.0.6 writes the family where the flags belong; the text has them."""
        if any(key in one.dormant for one in self.places):
            return True
        if flags is None or any(key in one.flagged for one in self.places):
            return False
        known = flags if isinstance(flags, list) else [flags]
        return "dormant" in known if all(flag in ("dormant", "owner", "persist") for flag in known) else None

    def _draft(self, place: str, inner: Mapping[str, object]) -> _Draft:
        key = _text(place, inner, "family"), _text(place, inner, "table")
        if key not in self.tables:
            raise Unreadable(place, f"there is no table `{key[0]} {key[1]}` before it")
        return self.tables[key]

    def _chain(self, place: str, line: Line, inner: Mapping[str, object]) -> None:
        draft, name = self._draft(place, inner), _text(place, inner, "name")
        key = (draft.family, draft.name, name)
        line = next((one.chains[key] for one in self.places if key in one.chains), line)
        if name in draft.chains:
            raise Unreadable(place, f"the chain `{name}` is there twice")
        draft.chains[name] = (inner, line)
        draft.rules[name] = []

    def _rule(self, place: str, at: int, inner: Mapping[str, object]) -> None:
        draft, chain = self._draft(place, inner), _text(place, inner, "chain")
        if chain not in draft.chains:
            raise Unreadable(place, f"there is no chain `{chain}` before it")
        expressions = inner.get("expr", [])
        if not isinstance(expressions, list):
            raise Unreadable(place, "a rule's `expr` is no list")
        draft.rules[chain].append((inner, Line(self.file, at, statements(expressions))))

    def _set(self, place: str, line: Line, inner: Mapping[str, object]) -> None:
        draft, name = self._draft(place, inner), _text(place, inner, "name")
        key = (draft.family, draft.name, name)
        line = next((one.chains[key] for one in self.places if key in one.chains), line)
        known = next((one.elements[key] for one in self.places if key in one.elements), None)
        inside = tuple(elements(inner.get("elem"), known))
        self.account.lines += len(inside)
        flags = inner.get("flags", [])
        fleeting = {"dynamic", "timeout"} & {str(flag) for flag in (flags if isinstance(flags, list) else [flags])}
        limited = [
            one for one in _list(inner.get("stmt")) if not isinstance(one, dict) or one.keys() - {"counter", "last"}
        ]
        draft.sets[name] = Elements(inside, name, bool(fleeting or limited or "timeout" in inner))

    def _table(self, draft: _Draft) -> Table:
        chains = {name: self._whole(draft, name, inner, line) for name, (inner, line) in draft.chains.items()}
        _loops(draft, chains)
        return Table(draft.family, draft.name, chains, draft.line)

    def _whole(self, draft: _Draft, name: str, inner: Mapping[str, object], line: Line) -> Chain:
        hook = None if draft.dormant else self._hook(draft, name, inner, line)
        found = draft.rules[name]
        read_: list[tuple[Line, Read]] = []
        for (entry, _), line_ in zip(found, self._lines(draft, name, [own for _, own in found]), strict=True):
            expressions = entry.get("expr", [])
            assert isinstance(expressions, list)
            read_.append((line_, rule(draft.family, draft.sets, expressions, line_, str(entry.get("comment", "")))))
        rules: list[Rule] = []
        for at, (line_, one) in enumerate(read_):
            one_, unsure = self._complete(draft, one)
            rules.extend(one_)
            following = read_[at + 1][1].rules if at + 1 < len(read_) else ()
            if unsure and not (len(one_) == len(following) == 1 and settled_by(one_[0], following[0])):
                self.account.unknown.append((line_, "; ".join(unsure)))
        if draft.dormant is None and hook is not None:
            text = f"table {draft.family} {draft.name} is dormant"
            rules.insert(0, Rule((Unknown(text, True, text), Accept()), draft.line))
        return Chain(name, tuple(rules), hook, line)

    def _lines(self, draft: _Draft, name: str, own: Sequence[Line]) -> Sequence[Line]:
        key = (draft.family, draft.name, name)
        known = (one.rules.get(key, []) for one in self.places)
        return next((lines for lines in known if len(lines) == len(own)), own)

    def _complete(self, draft: _Draft, one: Read) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
        """Jumps to nowhere, which the kernel would not have, become unknowns."""
        missing = sorted({name for rule_ in one.rules for name in _targets(rule_.steps)} - draft.chains.keys())
        if not missing:
            return one.rules, one.unsure
        why = f"there is no chain {', '.join(missing)}"
        return tuple(Rule((Whatever(why),), rule_.line, rule_.remark) for rule_ in one.rules), (*one.unsure, why)

    def _hook(self, draft: _Draft, name: str, inner: Mapping[str, object], line: Line) -> Hook | None:
        if "hook" not in inner:
            return None
        place = f"chain {draft.family} {draft.name} {name}"
        kind, hook = _text(place, inner, "type"), _text(place, inner, "hook")
        policy = inner.get("policy", "accept")
        if policy not in ("accept", "drop"):
            raise Unreadable(place, f"there is no policy `{words(policy)}`")
        device = ", ".join(str(one) for one in _list(inner.get("dev")))
        if hook in ("ingress", "egress") and not device:
            key = (draft.family, draft.name, name)
            device = next((one.devices[key] for one in self.places if key in one.devices), "")
            if not device:
                self.account.unknown.append((line, f"of which interface it is the {hook}: this nft does not say"))
        return Hook(kind, hook, _priority(place, draft.family, inner.get("prio", 0)), _POLICIES[str(policy)], device)


_POLICIES: Mapping[str, Accept | Drop] = {"accept": Accept(), "drop": Drop()}


def _text(place: str, inner: Mapping[str, object], key: str) -> str:
    value = inner.get(key)
    if not isinstance(value, str) or not value:
        raise Unreadable(place, f"has no `{key}`")
    return value


def _list(value: object) -> list[object]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _priority(place: str, family: str, value: object) -> int:
    if isinstance(value, int):
        return value
    names = BRIDGE_PRIORITIES if family == "bridge" else PRIORITIES
    parts = str(value).split()
    if parts and parts[0] in names and len(parts) in (1, 3):
        try:
            return names[parts[0]] + (int("".join(parts[1:])) if parts[1:] else 0)
        except ValueError:
            pass
    raise Unreadable(place, f"`{words(value)}` is no priority")


def _targets(steps: Sequence[Step]) -> set[str]:
    verdicts = [step for step in steps if isinstance(step, Jump | Goto)]
    inside = [to for step in steps if isinstance(step, VerdictMap) for _, to in step.entries]
    return {one.chain for one in (*verdicts, *inside) if isinstance(one, Jump | Goto)}


def _loops(draft: _Draft, chains: Mapping[str, Chain]) -> None:
    """The kernel takes no chains that lead back to themselves (nf_tables_api.c, nft_chain_validate)."""
    onward = {name: {to for rule_ in chain.rules for to in _targets(rule_.steps)} for name, chain in chains.items()}
    while True:
        ends = {name for name, to in onward.items() if not to & onward.keys()}
        if not ends:
            break
        onward = {name: to for name, to in onward.items() if name not in ends}
    if onward:
        raise Unreadable(
            f"table {draft.family} {draft.name}", f"chains lead back to themselves: {', '.join(sorted(onward))}"
        )
