"""Drafts of tables to tables of the common form: rules, hooks, lines, jumps that lead somewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bailiwick.dataplane.nft.drafts import Account, Draft, listed, text_of
from bailiwick.dataplane.nft.numbers import BRIDGE_PRIORITIES, PRIORITIES
from bailiwick.dataplane.nft.places import Places
from bailiwick.dataplane.nft.rule import Read, rule, settled_by
from bailiwick.dataplane.nft.words import words
from bailiwick.dataplane.rules import (
    Accept,
    Chain,
    Drop,
    Goto,
    Hook,
    Jump,
    OnInterface,
    Rule,
    Step,
    Table,
    Unknown,
    VerdictMap,
    Whatever,
)
from bailiwick.dataplane.tally import Line
from bailiwick.dataplane.unreadable import Unreadable
from bailiwick.packets import header


class Assembly:
    """``places`` are asked in their order; what is not understood goes into the account."""

    def __init__(self, places: tuple[Places, ...], account: Account) -> None:
        self.places = places
        self.account = account

    def table(self, draft: Draft) -> Table:
        """A whole table. Raises Unreadable."""
        chains = {name: self._whole(draft, name, inner, line) for name, (inner, line) in draft.chains.items()}
        _loops(draft, chains)
        return Table(draft.family, draft.name, chains, draft.line)

    def _whole(self, draft: Draft, name: str, inner: Mapping[str, object], line: Line) -> Chain:
        devices = self._devices(draft, name, inner)
        hook = None if draft.dormant else self._hook(draft, name, inner, devices)
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
        if hook is not None and hook.name in _AT_DEVICES and not hook.device:
            rules.insert(0, self._elsewhere(draft, name, hook.name, devices, line))
        return Chain(name, tuple(rules), hook, line)

    def _lines(self, draft: Draft, name: str, own: Sequence[Line]) -> Sequence[Line]:
        key = (draft.family, draft.name, name)
        known = (one.rules.get(key, []) for one in self.places)
        return next((lines for lines in known if len(lines) == len(own)), own)

    def _complete(self, draft: Draft, one: Read) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
        """Jumps to nowhere, which the kernel would not have, become unknowns."""
        missing = sorted({name for rule_ in one.rules for name in _targets(rule_.steps)} - draft.chains.keys())
        if not missing:
            return one.rules, one.unsure
        why = f"there is no chain {', '.join(missing)}"
        return tuple(Rule((Whatever(why),), rule_.line, rule_.remark) for rule_ in one.rules), (*one.unsure, why)

    def _hook(self, draft: Draft, name: str, inner: Mapping[str, object], devices: tuple[str, ...]) -> Hook | None:
        if "hook" not in inner:
            return None
        place = f"chain {draft.family} {draft.name} {name}"
        kind, hook = text_of(place, inner, "type"), text_of(place, inner, "hook")
        policy = inner.get("policy", "accept")
        if policy not in ("accept", "drop"):
            raise Unreadable(place, f"there is no policy `{words(policy)}`")
        # One interface is the hook's own; of several, a rule tells.
        device = devices[0] if len(devices) == 1 and "*" not in devices[0] else ""
        return Hook(kind, hook, _priority(place, draft.family, inner.get("prio", 0)), _POLICIES[str(policy)], device)

    def _devices(self, draft: Draft, name: str, inner: Mapping[str, object]) -> tuple[str, ...]:
        key = (draft.family, draft.name, name)
        told = tuple(str(one) for one in listed(inner.get("dev")))
        return told or next(((one.devices[key],) for one in self.places if key in one.devices), ())

    def _elsewhere(self, draft: Draft, name: str, hook: str, devices: tuple[str, ...], line: Line) -> Rule:
        """At other interfaces than its own, a chain lets everything pass."""
        if devices:
            return Rule((OnInterface(_AT_DEVICES[hook], devices, negated=True), Accept()), line)
        self.account.unknown.append((line, f"of which interface it is the {hook}: this nft does not say"))
        text = f"chain {draft.family} {draft.name} {name} is of another interface"
        return Rule((Unknown(text, True, text), Accept()), line)


_AT_DEVICES = {"ingress": header.IIF, "egress": header.OIF}
_POLICIES: Mapping[str, Accept | Drop] = {"accept": Accept(), "drop": Drop()}


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


def _loops(draft: Draft, chains: Mapping[str, Chain]) -> None:
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
