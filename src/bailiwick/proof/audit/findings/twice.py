"""The same rule twice: in one chain, where the second was meant for another."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.rules import Note, Rule, Step
from bailiwick.dataplane.symbolic.interfaces import NONE
from bailiwick.dataplane.symbolic.reach import Reach
from bailiwick.dataplane.tally import Line
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding, Severity, Unreplayed
from bailiwick.proof.audit.reading import stops
from bailiwick.proof.audit.view import View

_OTHER = {"input": "forward", "forward": "input"}


def twice(context: Context) -> Iterator[Finding]:
    """Of IPv4 where there is any."""
    view = context.main
    for reach, found in zip(context.reaches[view.family], context.twices[view.family], strict=True):
        by_chain: dict[str, list[tuple[Rule, Rule]]] = {}
        for one in found:
            by_chain.setdefault(one.chain, []).append((one.rule, one.first))
        for chain, pairs in by_chain.items():
            yield from _chain(context, view, reach, chain, pairs)


def _chain(context: Context, view: View, reach: Reach, chain: str, pairs: list[tuple[Rule, Rule]]) -> Iterator[Finding]:
    """One finding; worse where the second would stop something in the other chain."""
    other = _other_chain(reach, chain)
    astray = [rule for rule, _ in pairs if other and stops(rule) and not _has(reach, other, rule)]
    seen = [(rule, witness) for rule in astray if (witness := _missing(context, view, reach, rule, other))]
    lines = tuple(dict.fromkeys(rule.line for pair in pairs for rule in pair[::-1]))
    which = "A rule stands" if len(pairs) == 1 else f"{len(pairs)} rules stand"
    if not seen:
        title = f"{which} twice in {chain}."
        yield Finding("rule-twice", Severity.LOW, title, lines=lines, remedy="take the later one out")
        return
    yield Finding(
        "rule-twice",
        Severity.MEDIUM,
        f"{which} twice in {chain} and not at all in {other}, where {'it' if len(pairs) == 1 else 'they'} would stop "
        "something.",
        "Perhaps the second was meant for the other chain.",
        seen[0][1],
        lines,
        "\n".join(dict.fromkeys(_moved(rule.line, chain, other) for rule in astray)),
    )


def _other_chain(reach: Reach, chain: str) -> str:
    hook = reach.chains.table.chains[chain].hook
    wanted = _OTHER.get(hook.name) if hook is not None and hook.type == "filter" else None
    for name, one in reach.chains.table.chains.items():
        if one.hook is not None and one.hook.name == wanted:
            return name
    return ""


def _has(reach: Reach, chain: str, rule: Rule) -> bool:
    return any(_said(one) == _said(rule) for one in reach.chains.table.chains[chain].rules)


def _said(rule: Rule) -> tuple[Step, ...]:
    return tuple(step for step in rule.steps if not isinstance(step, Note))


def _missing(context: Context, view: View, reach: Reach, rule: Rule, other: str) -> str:
    """A packet that the rule would stop in the other chain, and that passes there; "" where there is none."""
    hook = reach.chains.table.chains[other].hook
    here = view.space.among(header.OIF, IntervalSet.single(NONE))
    side = here if hook is not None and hook.name == "input" else ~here
    region = reach.chains.steps.matches(rule) & side & view.passes
    inner = view.space.union(view.leaving(zone) for zone in view.zones.inside)
    region = region & inner or region
    if not region:
        return ""
    try:
        return str(context.replay(view).passing(region))
    except Unreplayed as error:
        context.defect(error)
        return ""


def _moved(line: Line, chain: str, other: str) -> str:
    return line.text.replace(f"-A {chain}", f"-A {other}").replace(f"chain={chain}", f"chain={other}")
