"""docs/conformance.md from the table of requirements and from what the last run saw."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bailiwick.twin.result import Check
from tests.conformance.icmp import ICMP
from tests.conformance.ipv6 import IPV6
from tests.conformance.requirement import Act, Met, Requirement
from tests.conformance.routing import ROUTING
from tests.conformance.tcp import TCP
from tests.conformance.udp import UDP

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "conformance.md"
RESULTS = Path(__file__).parent / "results.json"
SECTIONS = (
    ("Translation of UDP", UDP),
    ("Translation of TCP", TCP),
    ("ICMP through a translation", ICMP),
    ("Any router, any edge", ROUTING),
    ("IPv6", IPV6),
)
REQUIREMENTS: tuple[Requirement, ...] = tuple(one for _, rows in SECTIONS for one in rows)


@dataclass(frozen=True, slots=True)
class Count:
    """Checks of one kind: as said, otherwise, and not tried."""

    held: int = 0
    differed: int = 0
    untried: int = 0


def keys() -> tuple[str, ...]:
    """Every beginning of a subject that some row asks about."""
    return tuple(dict.fromkeys(key for one in REQUIREMENTS for trial in one.trials for key in trial.keys))


def counted(checks: Iterable[Check]) -> dict[str, Count]:
    """How the checks went, by key."""
    found = list(checks)
    counts: dict[str, Count] = {}
    for key in keys():
        mine = [check.holds for check in found if check.subject.startswith(key)]
        counts[key] = Count(mine.count(True), mine.count(False), mine.count(None))
    return counts


def record(counts: Mapping[str, Count], date: str, kernel: str, homes: Iterable[str]) -> str:
    """The last run as JSON."""
    entries = {key: [one.held, one.differed, one.untried] for key, one in counts.items()}
    return json.dumps({"date": date, "kernel": kernel, "homes": list(homes), "checks": entries}, indent=1) + "\n"


def act_name(act: Act) -> str:
    """ "nat/mapping.py `mapping`", below ``src/bailiwick/twin/acts``."""
    path = act.__module__.removeprefix("bailiwick.twin.acts.").replace(".", "/")
    return f"{path}.py `{act.__qualname__}`"


def _seen(one: Requirement, checks: Mapping[str, list[int]]) -> str:
    held, differed, _ = (sum(checks[key][place] for trial in one.trials for key in trial.keys) for place in range(3))
    if differed:
        return f"**{differed} of {held + differed} checks not as said**"
    return f"{held} checks as said" if held else "not tried in the last run"


def _row(one: Requirement, checks: Mapping[str, list[int]]) -> str:
    if not one.trials:
        how = "none, because " + one.note if one.met is Met.NONE else f"{one.met}: {one.note}"
        return f"| {one.standard} | {one.number} | {one.words} | {how} | none | |"
    how = f"{one.met}: {one.note}" if one.note else str(one.met)
    acts = ", ".join(dict.fromkeys(act_name(trial.act) for trial in one.trials))
    return f"| {one.standard} | {one.number} | {one.words} | {how} | {acts} | {_seen(one, checks)} |"


def _lines(results: Mapping[str, Any]) -> Iterator[str]:
    yield "# Conformance"
    yield ""
    yield "What the standards ask of a router that translates addresses, what ours does, and the act that shows it with"
    yield "real packets. Where Linux does otherwise the row says so, and the act holds Linux to what the row says."
    yield ""
    yield "`bailiwick try --all HOME` plays the acts (`src/bailiwick/twin/acts`). `python -m tests.conformance` writes"
    yield "this page, and with `--run` plays them first. The words of the requirements are ours; the RFCs have the"
    yield "binding ones."
    yield ""
    yield f"Last run: {results['date']}, Linux {results['kernel']}, homes {', '.join(results['homes'])}."
    tally = {met: sum(one.met is met for one in REQUIREMENTS) for met in Met}
    yield f"Of {len(REQUIREMENTS)} rows: " + ", ".join(f"{tally[met]} {met}" for met in Met) + "."
    for title, rows in SECTIONS:
        yield from (
            "",
            f"## {title}",
            "",
            "| standard | | what it asks | met? | act | last run |",
            "|---|---|---|---|---|---|",
        )
        for one in rows:
            yield _row(one, results["checks"])


def document() -> str:
    """The page's text, from the committed results. Raises KeyError when a key has none."""
    return "\n".join(_lines(json.loads(RESULTS.read_text()))) + "\n"
