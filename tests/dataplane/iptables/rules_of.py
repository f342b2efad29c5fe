"""One rule read, for tests that say what its steps are."""

from __future__ import annotations

from bailiwick.dataplane.iptables import Reading, Sets, read
from bailiwick.dataplane.rules import Among, Rule, Step, Table
from bailiwick.packets.interval import IntervalSet


def dump(*rules: str, table: str = "filter", chains: tuple[str, ...] = ("USER", "OTHER")) -> str:
    """A table with those rules and the chains that they may jump to."""
    base = "POSTROUTING" if table == "nat" else "INPUT" if table in ("filter", "security") else "PREROUTING"
    headers = [f":{base} ACCEPT [0:0]", *(f":{chain} - [0:0]" for chain in chains)]
    return "\n".join([f"*{table}", *headers, *rules, "COMMIT", ""])


def reading(*rules: str, table: str = "filter", family: int = 4, sets: Sets | None = None) -> Reading:
    return read(dump(*rules, table=table), "dump", family, sets)


def table_of(*rules: str, table: str = "filter", family: int = 4, sets: Sets | None = None) -> Table:
    (found,) = reading(*rules, table=table, family=family, sets=sets).tables
    return found


def rule_of(rule: str, table: str = "filter", family: int = 4, sets: Sets | None = None) -> Rule:
    """The one rule of chain USER; ``rule`` are the words after the chain."""
    (found,) = table_of(f"-A USER {rule}", table=table, family=family, sets=sets).chains["USER"].rules
    return found


def steps_of(rule: str, table: str = "filter", family: int = 4, sets: Sets | None = None) -> tuple[Step, ...]:
    return rule_of(rule, table, family, sets).steps


def is_in(field: str, *values: int | tuple[int, int], mask: int | None = None, negated: bool = False) -> Among:
    spans = [(value, value) if isinstance(value, int) else value for value in values]
    return Among(field, IntervalSet.of(spans), mask, negated)
