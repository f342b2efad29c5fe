"""``python -m tests.agent.faults [--only NAME] [--at MOMENT] [--write]``: every fault at its moments.

``--write`` puts what was judged into ``docs/apply-faults.md`` and leaves the other rows; with ``--only ""`` nothing is
judged, and the page is written anew around its rows. Exits 1 at any violation.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from tests.agent.faults.catalogue import FAULTS
from tests.agent.faults.judging import Judged, Verdict, ground, judge
from tests.agent.faults.table import page

PAGE = Path(__file__).parents[3] / "docs" / "apply-faults.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.agent.faults")
    parser.add_argument("--only", action="append", help="only the fault of this name; may be given again")
    parser.add_argument("--at", action="append", help="only at this moment; may be given again")
    parser.add_argument("--log", action="store_true", help="print what was said, where something was violated")
    parser.add_argument(
        "--kept", type=Path, help="directory in which what the runs begin from is kept for the next time"
    )
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    chosen = parser.parse_args()
    judged: list[Judged] = []
    for fault in FAULTS:
        for moment in fault.moments:
            if (chosen.only and fault.name not in chosen.only) or (chosen.at and moment not in chosen.at):
                continue
            one = judge(fault, moment, chosen.kept)
            judged.append(one)
            end = f"{one.end}, {one.seconds:.0f} s; struck at: {one.struck}"
            sys.stdout.write(f"{one.verdict:11} {fault.name} at {moment}: {end}\n")
            sys.stdout.write("".join(f"            {text}\n" for text in one.wrong))
            if chosen.log and one.wrong:
                sys.stdout.write("".join(f"    | {text}\n" for text in one.log))
            sys.stdout.flush()
            if chosen.write:
                before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
                PAGE.write_text(page([one], before), encoding="utf-8")
    if chosen.write and not judged:
        PAGE.write_text(page([], PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    if judged:
        shutil.rmtree(ground(chosen.kept).run)
    return 0 if all(one.verdict is Verdict.HELD for one in judged) else 1


if __name__ == "__main__":
    sys.exit(main())
