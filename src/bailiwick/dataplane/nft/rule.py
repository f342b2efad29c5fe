"""One rule of a listing: its statements in their order, as one rule of the common form or as several in a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bailiwick.dataplane.nft.context import Context
from bailiwick.dataplane.nft.merged import DOUBT, unmerged
from bailiwick.dataplane.nft.sets import Elements
from bailiwick.dataplane.nft.statements import ways
from bailiwick.dataplane.rules import (
    Accept,
    AddressType,
    Among,
    AnyOf,
    Continue,
    Drop,
    Family,
    FastTrack,
    Lookup,
    Note,
    OnInterface,
    Reject,
    ReturnPath,
    Rule,
    Scramble,
    Step,
    Unknown,
    Whatever,
    unknown_target,
)
from bailiwick.dataplane.tally import Line

_MOST = 4096
"""Ways through one rule; more become an unknown."""


@dataclass(frozen=True, slots=True)
class Read:
    """``rules`` follow each other where the rule stood; ``unsure`` says what was not understood, if it matters."""

    rules: tuple[Rule, ...]
    unsure: tuple[str, ...]


def rule(family: str, sets: Mapping[str, Elements], expressions: Sequence[object], line: Line, remark: str) -> Read:
    """Reads the statements from left to right; what a map leads to several ways becomes a rule for each way."""
    context = Context.of(family, sets)
    paths: list[tuple[Step, ...]] = [()]
    for statement in expressions:
        found = ways(context, statement)
        if len(paths) * len(found) > _MOST:
            context.unsure.append("too many ways through the rule")
            found = [unknown_target("too many ways through the rule")]
        paths = [(*path, *way) for path in paths for way in found]
    parted = [unmerged(path) for path in paths]
    if any(found for _, found in parted):
        context.unsure.append(DOUBT)
    paths = [path for path, _ in parted]
    # No way at all: a map without an element, so nothing after it is ever done.
    rules = tuple(Rule(path, line, remark) for path in paths)
    unsure = tuple(dict.fromkeys(context.unsure)) if any(map(_matters, paths)) else ()
    return Read(rules, unsure)


def _matters(path: Sequence[Step]) -> bool:
    """Whether anything hangs on the unknowns of a way: what comes behind them does more than look and log."""
    unsure = False
    for step in path:
        if isinstance(step, Whatever | Scramble):
            return True
        if isinstance(step, Unknown) or (isinstance(step, AnyOf) and _doubtful(step)):
            unsure = True
        elif unsure and not isinstance(step, Note | Continue | FastTrack | AnyOf) and not _is_test(step):
            return True
    return False


def _doubtful(test: AnyOf) -> bool:
    return any(isinstance(one, Unknown) for option in test.options for one in option)


def _is_test(step: Step) -> bool:
    return isinstance(step, Among | Family | OnInterface | Lookup | AddressType | ReturnPath | Unknown)


def settled_by(first: Rule, second: Rule) -> bool:
    """Whether the second rule does, to every packet, the very thing that the first does to some.

    Then nothing hangs on an unknown of the first: a drop in front of a drop of everything.
    """
    ends = [step for step in first.steps if isinstance(step, Drop | Reject | Accept)]
    others = [step for step in first.steps if not isinstance(step, Note) and not _test_or_end(step)]
    wholly = [step for step in second.steps if not isinstance(step, Note)]
    return not others and len(ends) == 1 and wholly == ends


def _test_or_end(step: Step) -> bool:
    return isinstance(step, Drop | Reject | Accept | Unknown | AnyOf) or _is_test(step)
