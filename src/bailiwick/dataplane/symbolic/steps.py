"""A rule's steps as a way: what it does to the packets that come to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import assert_never

from bailiwick.dataplane.rules import (
    Accept,
    AddressType,
    Among,
    AnyOf,
    Continue,
    CopyField,
    Drop,
    Family,
    FastTrack,
    Goto,
    Jump,
    Lookup,
    Note,
    NoTrack,
    OnInterface,
    Reject,
    Return,
    ReturnPath,
    Rule,
    Scramble,
    SetField,
    Step,
    Target,
    Test,
    Translate,
    Unknown,
    Verdict,
    VerdictMap,
    Whatever,
)
from bailiwick.dataplane.symbolic.conditions import Conditions
from bailiwick.dataplane.symbolic.effect import ANYTHING, Effect, Effects, Value, effect
from bailiwick.dataplane.symbolic.effect import constant as becomes
from bailiwick.dataplane.symbolic.pair import Pair
from bailiwick.dataplane.symbolic.way import (
    ACCEPT,
    DROP,
    NEXT,
    ON,
    REJECT,
    RETURN,
    Fate,
    Kind,
    Landing,
    Way,
    put,
    renamed,
    then,
    within,
)
from bailiwick.packets import header
from bailiwick.packets.header import State
from bailiwick.packets.region import Region, TooWide

TESTS = (Among, Family, OnInterface, Lookup, AddressType, ReturnPath, Unknown, AnyOf)

Called = Callable[[str], Way]
"""What a chain does, ending with its end (ON) or a return; by name."""
Translated = Callable[[str, Target, Region], Iterable[tuple[Region, Effect | None]]]
"""(kind, target, packets) to what becomes of which of them; None is a drop."""


class Steps:
    """Turns rules into ways."""

    def __init__(self, conditions: Conditions, effects: Effects, translated: Translated) -> None:
        self.conditions = conditions
        self.effects = effects
        self.space = conditions.space
        self._translated = translated
        self._beginnings: dict[int, tuple[Rule, tuple[Pair, tuple[Step, ...]]]] = {}

    def rule(self, rule: Rule, called: Called) -> Way:
        """Its fates: ON, RETURN, and those that end the chain. Steps behind a test that nothing passes are not read."""
        asked, rest = self._asked(rule)
        way: Way = {}
        put(way, NEXT, asked.may)
        put(way, ON, ~asked.must)
        for step in rest:
            if not any(fate.kind is Kind.NEXT for fate in way):
                return way
            if isinstance(step, TESTS):
                way = self._tested(way, step)
            else:
                way = then(self.effects, way, self._acted(step, rule, called), Kind.NEXT)
        return renamed(way, lambda fate: fate._replace(kind=Kind.ON) if fate.kind is Kind.NEXT else fate)

    def _asked(self, rule: Rule) -> tuple[Pair, tuple[Step, ...]]:
        """The packets that pass the tests with which the rule begins, and the steps from its first act on."""
        known = self._beginnings.get(id(rule))
        if known is not None:
            return known[1]
        asked = Pair.exactly(self.space.everything)
        at = 0
        for at, step in enumerate(rule.steps):  # noqa: B007 - the place where it ended is used
            if isinstance(step, TESTS):
                if asked.may:  # an address of the other family may stand behind its test
                    asked &= self.conditions.holds(step)
            elif not isinstance(step, Note):
                break
        else:
            at = len(rule.steps)
        self._beginnings[id(rule)] = rule, (asked, rule.steps[at:])
        return asked, rule.steps[at:]

    def sent(self, rule: Rule, chain: str) -> Way:
        """The packets that a rule may send to a chain, with what happened to them (fates of kind CALLED)."""
        everything = self.space.everything
        way = self.rule(rule, lambda name: {Fate(Kind.CALLED): everything} if name == chain else {})
        return {fate: region for fate, region in way.items() if fate.kind is Kind.CALLED}

    def matches(self, rule: Rule) -> Region:
        """The packets with which the rule may do something: all tests before its first act hold, and where that is a
        map, an entry holds them. A rule that only logs or counts does so with what passes all its tests."""
        asked, rest = self._asked(rule)
        first = rest[0] if rest else None
        if isinstance(first, VerdictMap) or (isinstance(first, Translate) and first.keys):
            return asked.may & self._in_map(first)
        return asked.may

    def _in_map(self, step: VerdictMap | Translate) -> Region:
        try:
            return self.space.union(self.conditions.entry(step.keys, sides) for sides, _ in step.entries)
        except TooWide:
            return self.space.everything

    def _tested(self, way: Way, test: Test | AnyOf) -> Way:
        holds = self.conditions.holds(test)
        answer: Way = {}
        put(answer, NEXT, holds.may)
        put(answer, ON, ~holds.must)
        return then(self.effects, way, answer, Kind.NEXT)

    def _acted(self, step: Step, rule: Rule, called: Called) -> Way:
        everything = self.space.everything
        match step:
            case VerdictMap():
                return self._mapped(step, called)
            case Translate():
                return self._translations(step, rule)
            case Note() | FastTrack():
                return {NEXT: everything}
            case SetField():
                width = self.space.widths[step.field]
                mask = (1 << width) - 1 if step.mask is None else step.mask
                done = Effect(((step.field, Value(mask, step.value & mask, step.field)),))
                way = self._marked(step.field, done)
                if step.field == header.CT_MARK and step.mask is not None:
                    put(way, ON, ~self.conditions.tracked)  # nft reads the mark first, and ends the rule without one
                return way
            case CopyField():
                way = self._marked(step.field, Effect(((step.field, Value(0, 0, step.origin)),)))
                if step.origin == header.CT_MARK:
                    way = within(way, self.conditions.tracked)
                    put(way, ON, ~self.conditions.tracked)
                return way
            case Scramble():
                return self._scrambled(step.fields)
            case NoTrack():
                untracked = becomes(header.STATE, State.UNTRACKED, self.space.widths[header.STATE])
                before = ~self.conditions.tracked  # conntrack leaves alone what has an entry already
                return {Fate(Kind.NEXT, untracked): before, NEXT: self.conditions.tracked}
            case Accept() | Drop() | Reject() | Jump() | Goto() | Return() | Continue() | Whatever():
                return self._verdict(step, called)
            case Among() | Family() | OnInterface() | Lookup() | AddressType() | ReturnPath() | Unknown() | AnyOf():
                raise TypeError(f"{step} is a test")
        assert_never(step)

    def _scrambled(self, fields: tuple[str, ...]) -> Way:
        """An address that may be any may be a changing one, too."""
        moved = (*fields, header.DYNAMIC) if header.DESTINATION in fields else fields
        done = effect({field: Value(0, 0, ANYTHING) for field in moved})
        if header.CT_MARK not in fields:
            return {Fate(Kind.NEXT, done): self.space.everything}
        unmarked = effect({field: Value(0, 0, ANYTHING) for field in moved if field != header.CT_MARK})
        way: Way = {Fate(Kind.NEXT, done): self.conditions.tracked}
        put(way, Fate(Kind.NEXT, unmarked), ~self.conditions.tracked)
        return way

    def _marked(self, field: str, done: Effect) -> Way:
        """A connection's mark is written where there is a connection."""
        if field != header.CT_MARK:
            return {Fate(Kind.NEXT, done): self.space.everything}
        return {Fate(Kind.NEXT, done): self.conditions.tracked, NEXT: ~self.conditions.tracked}

    def _verdict(self, verdict: Verdict, called: Called) -> Way:
        everything = self.space.everything
        match verdict:
            case Accept():
                return {ACCEPT: everything}
            case Drop():
                return {DROP: everything}
            case Reject():
                return {REJECT: everything}
            case Return():
                return {RETURN: everything}
            case Continue():
                return {NEXT: everything}
            case Whatever():
                return {ACCEPT: everything, DROP: everything, ON: everything, NEXT: everything}
            case Jump():
                return renamed(called(verdict.chain), _back)
            case Goto():
                return renamed(called(verdict.chain), _back_further)
        assert_never(verdict)

    def _mapped(self, step: VerdictMap, called: Called) -> Way:
        """Entries do not overlap where a kernel made the map; should two, then either may decide."""
        try:
            places: dict[Verdict, list[Region]] = {}
            for sides, verdict in step.entries:
                places.setdefault(verdict, []).append(self.conditions.entry(step.keys, sides))
        except TooWide:
            anywhere = [self.space.everything]
            places = {verdict: anywhere for _, verdict in step.entries}
            return self._joined(places, called, self.space.everything)
        found = self.space.union(region for regions in places.values() for region in regions)
        return self._joined(places, called, ~found)

    def _joined(self, places: dict[Verdict, list[Region]], called: Called, missed: Region) -> Way:
        way: Way = {}
        put(way, ON, missed)
        for verdict, regions in places.items():
            region = self.space.union(regions)
            for fate, its in within(self._verdict(verdict, called), region).items():
                put(way, fate, its)
        return way

    def _translations(self, step: Translate, rule: Rule) -> Way:
        way: Way = {}
        left = self.space.everything
        targets = [((), step.target)] if not step.keys else step.entries
        for sides, target in targets:
            try:
                here = self.conditions.entry(step.keys, sides)
                left = left - here
            except TooWide:
                here = self.space.everything
            for region, done in self._translated(step.kind, target, here):
                if done is None:
                    put(way, DROP, region)
                else:
                    put(way, Fate(Kind.TRANSLATE, done, Landing(step.kind, rule.line)), region)
        if step.keys:
            put(way, ON, left)
        return way


def _back(fate: Fate) -> Fate:
    """After a jump: the chain's end or its return lead on to the next rule."""
    return fate._replace(kind=Kind.ON) if fate.kind is Kind.RETURN else fate


def _back_further(fate: Fate) -> Fate:
    """After a goto: they lead to where this chain would have come back."""
    return fate._replace(kind=Kind.RETURN) if fate.kind is Kind.ON else fate
