"""How the device looks: what it was told, read back from the kernel, systemd and the disk, without what changes by
itself. Two looks at a device that nobody changed are equal, whatever traffic, leases and cables did between them.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

from bailiwick.agent.look.aspects import interfaces, machine, routing, xtables
from bailiwick.agent.look.aspects.fact import Fact, Side
from bailiwick.agent.look.aspects.ruleset import ruleset
from bailiwick.agent.look.listing import (
    ADDRESSES,
    ROUTES,
    RULES,
    RULESET,
    SETTINGS,
    UNITS,
    VLANS,
    Listing,
    Unseen,
    listing,
)
from bailiwick.agent.places import Places

__all__ = ["Difference", "Live", "Scope", "Unseen", "as_data", "differences", "digest", "from_data", "look"]

ORDERED = frozenset({"rules", "other rules", "policy routing"})
"""Aspects in which one fact comes before another."""
_HELD_BY_CARRIER = frozenset({"addresses", "routes"})


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at beside the network as a whole: all that was ever touched.

    ``settings`` are keys with slashes. ``links`` are configured by our files and ``made`` also made by them; ``steady``
    keep their addresses without a carrier (``ConfigureWithoutCarrier=`` of systemd.network(5)).
    """

    paths: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    steady: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Live:
    """``aspects`` are compared; ``beside`` is what comes and goes or is somebody else's, each with whose it is.

    ``silent`` are links without a carrier, whose addresses and routes may be away for as long.
    """

    aspects: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    beside: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Difference:
    """``wanted`` and ``found`` are None where there is nothing of it. ``source`` is what asks for ``wanted``: the file
    that says so, or the look it was taken from. ``whose`` is "" for what is ours, or nobody's; ``why`` is how it
    came to be so, where that shows."""

    aspect: str
    what: str
    wanted: str | None
    found: str | None
    source: str = ""
    whose: str = ""
    why: str = ""

    @property
    def ours(self) -> bool:
        return not self.whose

    @property
    def sentence(self) -> str:
        """One plain sentence."""
        return self._said + (f"; {self.why}" if self.why else "")

    @property
    def _said(self) -> str:
        noun = f"{_NOUNS.get(self.aspect, '')} {self.what}".strip()
        by = f", as {self.source} says" if self.source and self.wanted is not None else ""
        if self.found is None:
            return f"{noun} is missing{by}" + (f": {self.wanted}" if self.wanted else "")
        if self.wanted is None:
            belongs = f"belongs to {self.whose}" if self.whose != "unknown" else "belongs to nobody known here"
            told = f"{noun} {belongs if self.whose else 'is new'}"
            return told + (f": {self.found}" if self.found else "")
        return f"{noun} is {self.found or 'without it'}, and should be {self.wanted or 'without it'}{by}"

    def __str__(self) -> str:
        return self.sentence


_NOUNS = {"files": "the file", "links": "the link", "addresses": "the address", "vlans": "the port"}
_NOUNS |= {"routes": "the route to", "policy routing": "the", "settings": "the setting", "units": "the unit"}


def look(places: Places, scope: Scope) -> Live:
    """Raises Unseen where a tool does not tell: nothing is ever taken for empty."""
    return of_listing(places, scope, listing(scope.units, scope.settings))


def of_listing(places: Places, scope: Scope, told: Listing) -> Live:
    """The same, of a listing that was made before; files and template units are read now. Raises Unseen."""
    links = told.data(ADDRESSES)
    whose = interfaces.owners(links, scope.links, scope.made)
    static = interfaces.static(links, whose, told.leases)
    saved = {family: xtables.rules(family, text) for family, text in told.compatible.items() if text is not None}
    ours, others = ruleset(told.data(RULESET), whose, {**saved.get("ip", {}), **saved.get("ip6", {})})
    for family, text in told.legacy.items():
        older = xtables.legacy(family, text, whose)
        others.lasting += older.lasting
        others.passing += older.passing
    sides = {
        "files": machine.files(places, scope.paths),
        "rules": ours,
        "other rules": others,
        "links": interfaces.links(links, whose),
        "addresses": interfaces.addresses(links, whose, told.leases),
        "vlans": interfaces.vlans(told.data(VLANS), whose),
        "routes": routing.routes({n: told.data(name) for n, name in ROUTES.items()}, whose, static),
        "policy routing": routing.rules({n: told.data(name) for n, name in RULES.items()}),
        "settings": machine.settings(told.texts[SETTINGS], scope.settings, whose),
        "units": machine.units(told.texts.get(UNITS, ""), scope.units),
    }
    return _live(sides, interfaces.silent(links) - frozenset(scope.steady))


def _live(sides: Mapping[str, Side], silent: frozenset[str]) -> Live:
    return Live(
        {name: tuple(side.lasting) for name, side in sides.items()},
        {name: tuple(side.passing) for name, side in sides.items() if side.passing},
        silent,
    )


def digest(live: Live) -> str:
    """SHA-256 of what is compared: "this is what I saw when I planned".

    A cable that was pulled meanwhile makes another device of it only where its link does not keep its addresses."""
    told = {name: [astuple(fact) for fact in facts] for name, facts in live.aspects.items()}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def as_data(live: Live) -> dict[str, Any]:
    """As it stands in ``live.json``."""
    return {
        "aspects": {name: [list(astuple(fact)) for fact in facts] for name, facts in live.aspects.items()},
        "beside": {name: [list(astuple(fact)) for fact in facts] for name, facts in live.beside.items()},
        "silent": sorted(live.silent),
    }


def from_data(data: Mapping[str, Any]) -> Live:
    """Raises ValueError."""
    try:
        aspects, beside = (
            {name: tuple(Fact(*fact) for fact in facts) for name, facts in data[key].items()}
            for key in ("aspects", "beside")
        )
        return Live(aspects, beside, frozenset(data["silent"]))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not how a device looks: {error}") from error


def differences(old: Live, new: Live) -> tuple[Difference, ...]:
    """From ``old``, how it is to look, to ``new``, how it looks. What only a cable or a module took away is none."""
    found: list[Difference] = []
    moved = _moved(old, new)
    for aspect in sorted({*old.aspects, *new.aspects}):
        before, now = old.aspects.get(aspect, ()), new.aspects.get(aspect, ())
        if before == now:
            continue
        if aspect in _HELD_BY_CARRIER:
            before, now = _without(before, now, new.silent), _without(now, before, old.silent)
        if aspect == "routes":
            before, now = (tuple(fact for fact in facts if not _follows(fact, moved)) for facts in (before, now))
        if aspect == "settings":
            before, now = _there_in_both(before, now), _there_in_both(now, before)
        found += compare(aspect, before, now)
    return tuple(found)


def _moved(old: Live, new: Live) -> frozenset[str]:
    """Links of which the addresses, or they themselves, differ."""
    sides = ((set(old.aspects.get(aspect, ())), set(new.aspects.get(aspect, ()))) for aspect in ("addresses", "links"))
    return frozenset(fact.link for before, now in sides for fact in before ^ now)


def _follows(fact: Fact, moved: frozenset[str]) -> bool:
    """The route that the kernel makes of an address goes with it, and is no difference of its own."""
    return fact.link in moved and fact.value.endswith(routing.KERNELS)


def _without(facts: tuple[Fact, ...], others: tuple[Fact, ...], silent: frozenset[str]) -> tuple[Fact, ...]:
    there = set(others)
    return tuple(fact for fact in facts if fact in there or fact.link not in silent)


def _there_in_both(facts: tuple[Fact, ...], others: tuple[Fact, ...]) -> tuple[Fact, ...]:
    there = {fact.subject for fact in others}
    return tuple(fact for fact in facts if fact.subject in there)


def compare(aspect: str, before: tuple[Fact, ...], now: tuple[Fact, ...]) -> Iterator[Difference]:
    """One difference for each thing that changed, went or came."""
    old, new = _grouped(before), _grouped(now)
    for subject in [*old, *(subject for subject in new if subject not in old)]:
        was, is_ = old.get(subject, []), new.get(subject, [])
        if was != is_:
            pairs = (
                _in_order(was, is_)
                if aspect in ORDERED and not subject.startswith("element of ")
                else _as_bags(was, is_)
            )
            for gone, come in pairs:
                yield _difference(aspect, subject, gone, come)


def _grouped(facts: tuple[Fact, ...]) -> dict[str, list[Fact]]:
    ordered = sorted(facts, key=lambda fact: fact.subject)
    return {subject: list(group) for subject, group in groupby(ordered, key=lambda fact: fact.subject)}


def _in_order(was: list[Fact], is_: list[Fact]) -> Iterator[tuple[Fact | None, Fact | None]]:
    for kind, first, last, start, end in SequenceMatcher(a=was, b=is_, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from _paired(was[first:last], is_[start:end])


def _as_bags(was: list[Fact], is_: list[Fact]) -> Iterator[tuple[Fact | None, Fact | None]]:
    gone, come = Counter(was) - Counter(is_), Counter(is_) - Counter(was)
    yield from _paired(sorted(gone.elements()), sorted(come.elements()))


def _paired(gone: list[Fact], come: list[Fact]) -> Iterator[tuple[Fact | None, Fact | None]]:
    if len(gone) == len(come):
        yield from zip(gone, come, strict=True)
        return
    yield from ((fact, None) for fact in gone)
    yield from ((None, fact) for fact in come)


def _difference(aspect: str, subject: str, gone: Fact | None, come: Fact | None) -> Difference:
    wanted, found = (fact.value if fact else None for fact in (gone, come))
    if aspect == "files" and gone and come and gone.exact != come.exact and wanted == found:
        wanted, found = "as it was written", "changed"
    elif gone and come and wanted == found:  # the same words of different things
        wanted, found = f"{wanted}, content {gone.exact[:8]}", f"{found}, content {come.exact[:8]}"
    if wanted and found and aspect in _LISTED:
        wanted, found = _apart(wanted, found)
    return Difference(aspect, subject, wanted, found, whose=(come or gone or Fact("")).whose)


_LISTED = frozenset({"files", "links", "units"})
"""Aspects whose facts are several things, parted by commas."""


def _apart(wanted: str, found: str) -> tuple[str, str]:
    """Only what differs."""
    one, other = wanted.split(", "), found.split(", ")
    return ", ".join(x for x in one if x not in other), ", ".join(x for x in other if x not in one)
