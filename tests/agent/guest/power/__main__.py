"""``python -m tests.agent.guest.power [--only MOMENT] [--write]``: every cut. Exits 1 where one was not held."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.agent.guest.power.cuts import CUTS, RANDOM, Disk
from tests.agent.guest.power.table import page
from tests.agent.guest.power.trial import Judged, Trial, name_of, name_of_battery, name_of_random

PAGE = Path(__file__).parents[4] / "docs" / "power-cuts.md"
ORDER = [
    *((name_of(one), kind.value) for one in CUTS for kind in one.disks),
    *((name_of_random(number), Disk.PART.value) for number in range(RANDOM)),
    *((name_of_battery(one), Disk.ALL.value) for one in CUTS if one.battery),
    (name_of_battery(), Disk.ALL.value),
]
"""Of the rows."""


def plays(trial: Trial) -> list[tuple[str, Callable[[], list[Judged]]]]:
    """What ``--only`` calls each of them, and what plays it."""
    return [
        *((one.at, partial(trial.cut, one)) for one in CUTS),
        *((f"random-{number + 1}", partial(trial.cut_at_random, number)) for number in range(RANDOM)),
        ("battery", lambda: [trial.in_order()]),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.agent.guest.power")
    parser.add_argument(
        "--only",
        action="append",
        help="a moment, `random-1` …, or `battery` (after an orderly end); may be given again",
    )
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}; the other rows stay")
    parser.add_argument("--log", action="store_true", help="print what goes on")
    parser.add_argument(
        "--kept",
        type=Path,
        help="directory in which disks are kept for the next time; they have the program of this time",
    )
    chosen = parser.parse_args()
    wrong = False
    with tempfile.TemporaryDirectory(prefix="power.") as spare:
        trial = Trial(chosen.kept or Path(spare), _print if chosen.log else None)
        for name, play in plays(trial):
            if chosen.only and name not in chosen.only:
                continue
            judged = play()
            for one in judged:
                _print("\n    ".join((f"{one.what} ({one.disk}): {one.stands}, {one.seconds:.0f} s", *one.wrong)))
            wrong = wrong or any(one.wrong for one in judged)
            if chosen.write:
                before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
                PAGE.write_text(page(judged, before, ORDER), encoding="utf-8")
    return 1 if wrong else 0


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
