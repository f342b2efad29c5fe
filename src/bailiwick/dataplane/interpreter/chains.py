"""One base chain, from its first rule to its verdict: jumps, returns, maps, marks.

Jumps go sixteen deep (``NFT_JUMP_STACK_SIZE``, nf_tables_core.c); the tables of iptables-legacy may go deeper. A chain
that comes round to itself is refused by every kernel.
"""

from __future__ import annotations

from dataclasses import dataclass

from bailiwick.dataplane.interpreter.conditions import Conditions, NoSuchField, Scrambled, stands_in, value
from bailiwick.dataplane.interpreter.oracle import Oracle, Undecided
from bailiwick.dataplane.interpreter.passing import Passing
from bailiwick.dataplane.interpreter.trace import Step
from bailiwick.dataplane.interpreter.translation import Translator
from bailiwick.dataplane.rules import (
    Accept,
    Chain,
    Continue,
    CopyField,
    Drop,
    FastTrack,
    Goto,
    Jump,
    Note,
    NoTrack,
    Reject,
    Return,
    Rule,
    Scramble,
    SetField,
    Table,
    Translate,
    Verdict,
    VerdictMap,
    Whatever,
)
from bailiwick.dataplane.tally import Line
from bailiwick.packets import header
from bailiwick.packets.header import State

DEPTH = 16
EVERY_BIT = 0xFFFFFFFF
_VERDICTS = (Accept, Drop, Reject, Jump, Goto, Return, Continue, Whatever)
_LEGACY = frozenset({"filter", "nat", "mangle", "raw", "security"})


class BrokenRules(Exception):
    """A chain that loops, is missing, or is jumped to too deeply: no kernel would have loaded it."""

    def __init__(self, text: str, line: Line | None) -> None:
        super().__init__(f"{line}: {text}" if line else text)
        self.line = line


@dataclass(slots=True)
class _Frame:
    """A chain to come back to, and the chains that stand between here and the jump."""

    chain: Chain
    at: int
    visited: list[str]


class Chains:
    def __init__(self, conditions: Conditions, translator: Translator, oracle: Oracle) -> None:
        self._conditions, self._translator, self._oracle = conditions, translator, oracle
        self._translating = False

    def run(self, table: Table, base: Chain, passing: Passing) -> tuple[Accept | Drop | Reject, Step]:
        """The base chain's verdict, and the step that gave it. Raises Undecided and BrokenRules."""
        self._translating = base.hook is not None and base.hook.type == "nat"
        chain, at, frames, visited = base, 0, list[_Frame](), [base.name]
        while True:
            if at == len(chain.rules):
                if not frames:
                    return self._policy(table, base, passing)
                frame = frames.pop()
                chain, at, visited = frame.chain, frame.at, frame.visited
                continue
            rule = chain.rules[at]
            at += 1
            verdict, deed, matched = self._rule(rule, passing)
            step = Step(
                passing.hook, f"{table.family} {table.name}", chain.name, rule, matched, deed, rule.line, at - 1
            )
            passing.steps.append(step)
            match verdict:
                case Accept() | Drop() | Reject():
                    return verdict, step
                case Jump(name):
                    frames.append(_Frame(chain, at, visited))
                    chain, at, visited = _target(table, name, rule), 0, [name]
                    _check(table, frames, visited[:-1], name, rule)
                case Goto(name):
                    _check(table, frames, visited, name, rule)
                    chain, at, visited = _target(table, name, rule), 0, [*visited, name]
                case Return():
                    at = len(chain.rules)

    def _policy(self, table: Table, base: Chain, passing: Passing) -> tuple[Accept | Drop, Step]:
        assert base.hook is not None
        verdict = base.hook.policy
        deed = f"policy {type(verdict).__name__.lower()}"
        step = Step(passing.hook, f"{table.family} {table.name}", base.name, None, True, deed, base.line)
        passing.steps.append(step)
        return verdict, step

    def _rule(self, rule: Rule, passing: Passing) -> tuple[Verdict | None, str, bool]:
        """Verdict (None: on to the next rule), what was done, and whether the whole rule was carried out."""
        deeds = []
        for step in rule.steps:
            verdict: Verdict | None = None
            match step:
                case Note():
                    continue
                case SetField() | CopyField() | NoTrack() | FastTrack() | Scramble():
                    if not self._change(step, passing):
                        return None, f"has no {header.CT_MARK}", False
                    deeds.append(type(step).__name__)
                    continue
                case VerdictMap(keys, entries):
                    try:
                        found = next((verdict for entry, verdict in entries if stands_in(passing, keys, entry)), None)
                    except NoSuchField:
                        found = None
                    if found is None:
                        return None, "not in the map", False
                    verdict = found
                case Translate():
                    done = self._translator.translate(step, passing)
                    if done is None:
                        return None, "not in the map", False
                    return done, step.kind, True
                case _ if isinstance(step, _VERDICTS):
                    verdict = step
                case _:
                    if not self._conditions.holds(step, passing):
                        return None, f"fails {type(step).__name__}", False
                    continue
            if isinstance(verdict, Whatever):
                verdict = self._oracle.verdict(verdict)
            if not isinstance(verdict, Continue):
                deeds.append(
                    type(verdict).__name__.lower() + (f" {verdict.chain}" if isinstance(verdict, Jump | Goto) else "")
                )
                return verdict, ", ".join(deeds), True
        return None, ", ".join(deeds) or "goes on", True

    def _change(self, step: SetField | CopyField | NoTrack | FastTrack | Scramble, passing: Passing) -> bool:
        match step:
            case SetField(field, number, mask):
                bits = EVERY_BIT if mask is None else mask
                if field == header.MARK:
                    passing.mark = (passing.mark & ~bits) | (number & bits)
                elif field == header.CT_MARK:
                    if not passing.tracked:
                        return mask is None
                    passing.ct_mark = (passing.ct_mark & ~bits) | (number & bits)
                else:
                    raise ValueError(f"nobody sets {field}")
                if mask is None:
                    passing.scrambled.pop(field, None)
            case CopyField(field, origin):
                try:
                    number = value(passing, origin)
                except NoSuchField:
                    return False
                except Scrambled:
                    self._scramble(Scramble((field,), passing.scrambled[origin]), passing)
                    return True
                if field == header.MARK or passing.tracked:
                    passing.scrambled.pop(field, None)
                if field == header.MARK:
                    passing.mark = number
                elif passing.tracked:
                    passing.ct_mark = number
            case NoTrack():
                if not passing.tracked:
                    passing.notrack, passing.state = True, State.UNTRACKED
            case FastTrack():
                passing.fasttracked = True
            case Scramble():
                self._scramble(step, passing)
        return True

    def _scramble(self, step: Scramble, passing: Passing) -> None:
        if self._translating and {header.SOURCE, header.DESTINATION} & set(step.fields):
            raise Undecided(f"{step.text}: perhaps a translation")
        for field in step.fields:
            if field != header.CT_MARK or passing.tracked:
                passing.scrambled[field] = step.text


def _target(table: Table, name: str, rule: Rule) -> Chain:
    chain = table.chains.get(name)
    if chain is None:
        raise BrokenRules(f"there is no chain {name}", rule.line)
    return chain


def _check(table: Table, frames: list[_Frame], visited: list[str], name: str, rule: Rule) -> None:
    if name in visited or any(name in frame.visited for frame in frames):
        raise BrokenRules(f"chain {name} comes round to itself", rule.line)
    legacy = table.family in ("ip", "ip6") and table.name in _LEGACY
    if len(frames) > DEPTH and not legacy:
        raise BrokenRules(f"more than {DEPTH} jumps deep", rule.line)
