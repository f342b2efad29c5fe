"""What a rule says, as a person would read it off its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bailiwick.dataplane.rules import (
    Accept,
    Among,
    AnyOf,
    Drop,
    Lookup,
    OnInterface,
    Reject,
    Rule,
    Step,
    Translate,
    Verdict,
    VerdictMap,
)
from bailiwick.packets import header

_SERVICE = frozenset({header.PROTOCOL, header.DESTINATION_PORT, header.SOURCE_PORT, header.ICMP_TYPE, header.TCP_FLAGS})


def fields(rule: Rule) -> frozenset[str]:
    """The fields that its tests look at, ``iif`` and ``oif`` among them."""
    return frozenset(_fields(rule.steps))


def _fields(steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        match step:
            case Among():
                yield step.field
            case OnInterface():
                yield step.side
            case Lookup() | VerdictMap() | Translate():
                yield from (key.field for key in step.keys)
            case AnyOf():
                for option in step.options:
                    yield from _fields(option)
            case _:
                continue


def asks_of_marks(rule: Rule) -> bool:
    """Of its own or of its connection."""
    return bool(fields(rule) & {header.MARK, header.CT_MARK})


def named(rule: Rule, side: str) -> tuple[str, ...]:
    """The interfaces that it asks for on one side; none where it asks for all but some, or not at all."""
    found: list[str] = []
    for step in rule.steps:
        if isinstance(step, OnInterface) and step.side == side and not step.negated:
            found += step.patterns
    return tuple(found)


def verdict(rule: Rule) -> Verdict | None:
    """The plain one at its end, where it has one."""
    last = rule.steps[-1] if rule.steps else None
    return last if isinstance(last, Accept | Drop | Reject) else None


def stops(rule: Rule) -> bool:
    """Whether it drops or refuses."""
    return isinstance(verdict(rule), Drop | Reject)


def shown(names: Iterable[str], most: int = 6) -> str:
    """ "a, b and c", the first few."""
    words = [name.rstrip("*") + "…" if name.endswith("*") and name != "*" else name for name in names]
    if not words:
        return "none"
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
