"""``python -m tests.twin.faults [HOME] [--only NAME] [--vm] [--write]``: each fault judged, as a table.

``--write`` puts the judged rows into ``docs/faults.md`` and leaves the others. Exits 1 when a fault is not seen.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bailiwick.twin.options import IN_A_MACHINE
from tests.twin.faults.catalogue import FAULTS
from tests.twin.faults.judging import HOMES, OPTIONS, Judged, Verdict, judge
from tests.twin.faults.table import page

PAGE = Path(__file__).parents[3] / "docs" / "faults.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.twin.faults")
    parser.add_argument("home", nargs="?", choices=HOMES, help="only the faults planted in this home")
    parser.add_argument("--only", action="append", help="only the fault of this name; may be given again")
    parser.add_argument(
        "--vm", action="store_true", help="in a virtual machine, whose kernel makes VLANs: a minute each"
    )
    parser.add_argument("--all-findings", action="store_true", help="print everything that was seen of each")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    chosen = parser.parse_args()
    wanted = [one for one in FAULTS if chosen.home in (None, one.home) and (not chosen.only or one.name in chosen.only)]
    judged: list[Judged] = []
    for fault in wanted:
        one = judge(fault, IN_A_MACHINE if chosen.vm else OPTIONS)
        judged.append(one)
        sys.stdout.write(f"{one.verdict:12} {fault.name}: {one.seen}\n")
        if chosen.all_findings:
            sys.stdout.write("".join(f"             {text}\n" for text in one.findings[:40]))
        sys.stdout.flush()
    if chosen.write:
        before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        PAGE.write_text(page(judged, before), encoding="utf-8")
    return 0 if all(one.verdict in (Verdict.REFUTED, Verdict.INCONCLUSIVE, Verdict.HARMLESS) for one in judged) else 1


if __name__ == "__main__":
    sys.exit(main())
