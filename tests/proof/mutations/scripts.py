"""Every mutant of RouterOS scripts, as a table: ``python -m tests.proof.mutations.scripts [HOME...] [--share N]``.

A home is the name of an example, or the number of a made-up one. Those that no judge and no proof saw are silent.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

from bailiwick.workflow import Checked, check
from tests.proof.mutations.made_up import routeros_home
from tests.proof.mutations.script_trial import ScriptTrial
from tests.proof.mutations.trial import Judged, Verdict

EXAMPLES = Path(__file__).parents[3] / "examples"
SHOWN = (Verdict.REFUSED, Verdict.SEEN, Verdict.SAME, Verdict.SILENT, Verdict.MISSED)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.proof.mutations.scripts")
    parser.add_argument("homes", nargs="*", default=["public-apps-mikrotik"])
    parser.add_argument("--share", type=int, default=1, help="every N-th mutant alone")
    parser.add_argument("--from", dest="first", type=int, default=0, help="which one of them")
    parser.add_argument("--list", nargs="*", default=["missed"], help="verdicts whose mutants are shown")
    chosen = parser.parse_args()
    for name in chosen.homes:
        trial = ScriptTrial(_home(name))
        judged = [trial.judge(one) for one in trial.mutants()[chosen.first :: chosen.share]]
        sys.stdout.write(f"{name}: {len(judged)} mutants\n\n" + "\n".join(_table(judged)) + "\n")
        for verdict in chosen.list:
            shown = [str(one) for one in judged if one.verdict == verdict]
            sys.stdout.write("\n".join(["", f"{len(shown)} {verdict}:", *shown, ""]))
        sys.stdout.flush()


def _home(name: str) -> Checked:
    return routeros_home(int(name)) if name.isdecimal() else check(EXAMPLES / f"{name}.yaml", date(2026, 1, 1))


def _table(judged: list[Judged]) -> list[str]:
    counts: dict[str, Counter[Verdict]] = defaultdict(Counter)
    for one in judged:
        counts[one.mutant.kind][one.verdict] += 1
    rows = ["| class | " + " | ".join(SHOWN) + " |", "|---|" + "---:|" * len(SHOWN)]
    total = sum(counts.values(), Counter[Verdict]())
    for kind, row in (*sorted(counts.items()), ("all", total)):
        rows.append(f"| {kind} | " + " | ".join(str(row[verdict] or "") for verdict in SHOWN) + " |")
    return rows


if __name__ == "__main__":
    main()
