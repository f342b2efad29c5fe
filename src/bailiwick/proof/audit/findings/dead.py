"""Rules that no packet can match, rules that change nothing, and rules that are written twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bailiwick.dataplane.rules import Accept, Reject, Translate
from bailiwick.dataplane.symbolic.dead import Cause, Dead, dead_in_all, dead_rules
from bailiwick.dataplane.symbolic.reach import Reach
from bailiwick.dataplane.symbolic.redundant import Redundant, redundant_rules
from bailiwick.dataplane.symbolic.way import Kind
from bailiwick.dataplane.tally import Line
from bailiwick.packets.region import Region
from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding, Severity, Unreplayed
from bailiwick.proof.audit.reading import stops, verdict
from bailiwick.proof.audit.replay import Seen
from bailiwick.proof.audit.view import View

_SHOWN = 8
_MANY = 2000


def dead(context: Context) -> Iterator[Finding]:
    """One finding for all rules of a chain that are dead for the same reason."""
    groups: dict[tuple[object, ...], _Group] = {}
    for view, reach, one in _all(context):
        if one.rule.line in context.doubled:
            continue
        by = _shadowers(reach, one)
        severity, seen = _weighed(context, view, reach, one, by)
        key = (one.table, one.family, one.chain, one.cause, severity)
        group = groups.setdefault(key, _Group(one, severity))
        group.by[one.rule.line] = by
        group.seen = group.seen or seen
    for group in groups.values():
        yield group.finding()
    yield from _useless(context)


@dataclass(slots=True)
class _Group:
    """``by`` are the rules, each with those that take its packets."""

    first: Dead
    severity: Severity
    by: dict[Line, tuple[Line, ...]] = field(default_factory=dict)
    seen: Seen | None = None

    def finding(self) -> Finding:
        one, number = self.first, len(self.by)
        what = f"A rule of {one.chain}" if number == 1 else f"{number} rules of {one.chain}"
        why = {
            Cause.SHADOWED: "rules before take every packet",
            Cause.ITSELF: "the tests contradict each other",
            Cause.ELSEWHERE: "the rules that lead there send no such packet",
            Cause.UNUSED: "no rule leads to that chain",
            Cause.HOOK: "no packet looks so in that chain",
        }[one.cause]
        title = f"{what} can never match: {why}."
        groups: dict[tuple[Line, ...], list[Line]] = {}
        for line, by in self.by.items():
            groups.setdefault(by, []).append(line)
        said = [f"{_numbers(lines)} because of {_numbers(by)}" for by, lines in groups.items() if by]
        text = f"{'; '.join(said[:_SHOWN])}{'; and more' if len(said) > _SHOWN else ''}." if said else ""
        text = text[:1].upper() + text[1:]
        if self.severity is Severity.MEDIUM:
            text += " What they were to stop passes." if number > 1 else " What it was to stop passes."
        if one.cause is Cause.UNUSED:
            remedy = "take them out, or write the jump that is missing"
            return Finding("rule-unused", self.severity, title, lines=tuple(self.by), remedy=remedy)
        remedy = "take it out" if self.severity is not Severity.MEDIUM else "move it above the rules that come first"
        takers = dict.fromkeys(line for by in groups for line in by if line not in self.by)
        lines = (*self.by, *takers)
        return Finding("rule-dead", self.severity, title, text, str(self.seen) if self.seen else "", lines, remedy)


def _numbers(lines: Sequence[Line]) -> str:
    numbers = [str(line.number) for line in lines[:_SHOWN]] + (["…"] if len(lines) > _SHOWN else [])
    return f"line {numbers[0]}" if len(lines) == 1 else f"lines {', '.join(numbers)}"


def _all(context: Context) -> Iterator[tuple[View, Reach, Dead]]:
    """Of a table of both IP versions what is dead for both."""
    shared: dict[tuple[str, str], dict[int, tuple[Reach, list[Dead]]]] = {}
    for version, view in context.views.items():
        for reach in context.reaches[version]:
            table, found = reach.chains.table, list(dead_rules(reach))
            if table.family == "inet" and len(context.views) > 1:
                shared.setdefault((table.family, table.name), {})[version] = (reach, found)
            else:
                yield from ((view, reach, one) for one in found)
    for by_version in shared.values():
        common = dead_in_all(*(found for _, found in by_version.values()))
        for one in common:
            version = next(v for v, (_, found) in by_version.items() if one in found)
            yield context.views[version], by_version[version][0], one


def _shadowers(reach: Reach, one: Dead) -> tuple[Line, ...]:
    """The one rule that would do alone, where there is one; else all that take a part."""
    chains = reach.chains
    wanted = chains.steps.matches(one.rule)
    for rule in one.by:
        way = chains.steps.rule(rule, chains.called)
        on = chains.steps.space.union(region for fate, region in way.items() if fate.kind in (Kind.ON, Kind.RETURN))
        if wanted <= ~on and rule in chains.table.chains[one.chain].rules:
            return (rule.line,)
    return tuple(dict.fromkeys(one.lines))


def _weighed(
    context: Context, view: View, reach: Reach, one: Dead, by: tuple[Line, ...]
) -> tuple[Severity, Seen | None]:
    """How bad it is, with a packet that the rule was for."""
    if one.cause is Cause.UNUSED:
        return Severity.NOTE, None
    region = reach.chains.steps.matches(one.rule) & view.headers
    arriving = region & view.arrives
    try:
        seen = context.replay(view).met(arriving or region, frozenset({one.rule.line}))
    except Unreplayed as error:
        context.defect(error)
        return Severity.NOTE, None
    except ValueError:
        return Severity.LOW, None
    narrower = _narrower(reach, one, by, region)
    if stops(one.rule) and seen.walk.accepted and narrower and seen.sure:
        return Severity.MEDIUM, seen
    alike = isinstance(verdict(one.rule), Accept) is seen.walk.accepted and not _translates(one)
    return (Severity.NOTE if alike and one.cause is Cause.SHADOWED else Severity.LOW), seen


def _translates(one: Dead) -> bool:
    return any(isinstance(step, Translate) for step in one.rule.steps)


def _narrower(reach: Reach, one: Dead, by: tuple[Line, ...], region: Region) -> bool:
    """Whether it was an exception to what comes first, rather than a last word behind it."""
    first = [rule for rule in one.by if rule.line in by]
    matched = reach.chains.steps.space.union(reach.chains.steps.matches(rule) for rule in first)
    return bool(matched - region) and region <= matched


def _useless(context: Context) -> Iterator[Finding]:
    """One note for each chain; to look through a table of thousands of rules takes longer than a note is worth."""
    found: dict[tuple[str, str, str, int], list[Redundant]] = {}
    for reaches in context.reaches.values():
        for reach in reaches:
            table = reach.chains.table
            if sum(len(chain.rules) for chain in table.chains.values()) > _MANY:
                continue
            for one in redundant_rules(reach):
                found.setdefault((table.family, table.name, one.chain, one.index), []).append(one)
    groups: dict[tuple[str, str, str], dict[Line, None]] = {}
    for (family, table_name, chain, _), same in found.items():
        everywhere = len(same) == (len(context.views) if family == "inet" else 1)
        answers = any(isinstance(step, Reject) for step in same[0].rule.steps)  # another answer is a difference
        if everywhere and not answers and not same[0].notes and same[0].rule.line not in context.doubled:
            groups.setdefault((family, table_name, chain), {})[same[0].rule.line] = None
    for (_, _, chain), lines in groups.items():
        what = f"A rule of {chain} changes" if len(lines) == 1 else f"Each of {len(lines)} rules of {chain} changes"
        title = f"{what} nothing: without it, the rules after it do the same to every packet."
        yield Finding(
            "rule-changes-nothing",
            Severity.NOTE,
            title,
            lines=tuple(lines),
            remedy="keep it as a remark, or take it out",
        )
