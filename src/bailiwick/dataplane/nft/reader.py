"""``nft -j list ruleset``, as a Python object, to tables of the common form and an account of what was read.

A "line" of the account is one object of the listing (a table, chain, rule, set…) or one element of a named set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bailiwick.dataplane.nft.assembly import Assembly
from bailiwick.dataplane.nft.drafts import Account, Draft, listed, text_of
from bailiwick.dataplane.nft.fills import fills
from bailiwick.dataplane.nft.places import Places
from bailiwick.dataplane.nft.sets import Elements, elements
from bailiwick.dataplane.nft.words import statements, words
from bailiwick.dataplane.rules import Table
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
        self.account = Account()
        self.tables: dict[tuple[str, str], Draft] = {}

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
        assembly = Assembly(self.places, self.account)
        tables = tuple(assembly.table(draft) for draft in self.tables.values())
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
        family, name = text_of(place, inner, "family"), text_of(place, inner, "name")
        if family not in _FAMILIES:
            raise Unreadable(place, f"there is no family `{family}`")
        key = family, name
        line = next((one.tables[key] for one in self.places if key in one.tables), line)
        self.tables.setdefault(key, Draft(family, name, line, dormant=self._dormant(key, inner.get("flags"))))
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

    def _draft(self, place: str, inner: Mapping[str, object]) -> Draft:
        key = text_of(place, inner, "family"), text_of(place, inner, "table")
        if key not in self.tables:
            raise Unreadable(place, f"there is no table `{key[0]} {key[1]}` before it")
        return self.tables[key]

    def _chain(self, place: str, line: Line, inner: Mapping[str, object]) -> None:
        draft, name = self._draft(place, inner), text_of(place, inner, "name")
        key = (draft.family, draft.name, name)
        line = next((one.chains[key] for one in self.places if key in one.chains), line)
        if name in draft.chains:
            raise Unreadable(place, f"the chain `{name}` is there twice")
        draft.chains[name] = (inner, line)
        draft.rules[name] = []

    def _rule(self, place: str, at: int, inner: Mapping[str, object]) -> None:
        draft, chain = self._draft(place, inner), text_of(place, inner, "chain")
        if chain not in draft.chains:
            raise Unreadable(place, f"there is no chain `{chain}` before it")
        expressions = inner.get("expr", [])
        if not isinstance(expressions, list):
            raise Unreadable(place, "a rule's `expr` is no list")
        draft.rules[chain].append((inner, Line(self.file, at, statements(expressions))))

    def _set(self, place: str, line: Line, inner: Mapping[str, object]) -> None:
        draft, name = self._draft(place, inner), text_of(place, inner, "name")
        key = (draft.family, draft.name, name)
        line = next((one.chains[key] for one in self.places if key in one.chains), line)
        known = next((one.elements[key] for one in self.places if key in one.elements), None)
        inside = tuple(elements(inner.get("elem"), known))
        self.account.lines += len(inside)
        flags = inner.get("flags", [])
        fleeting = {"dynamic", "timeout"} & {str(flag) for flag in (flags if isinstance(flags, list) else [flags])}
        limited = [
            one for one in listed(inner.get("stmt")) if not isinstance(one, dict) or one.keys() - {"counter", "last"}
        ]
        draft.sets[name] = Elements(inside, name, bool(fleeting or limited or "timeout" in inner))
