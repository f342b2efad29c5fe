"""``python -m tests.proof.mutations [EXAMPLE...] [--share N] [--of K/N]``: every mutant judged, as a table.

Those that no packet and no proof saw are listed by class; those that only a packet saw are errors of the proof.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict

from tests.proof.mutations.nft_loader import Loader
from tests.proof.mutations.trial import Judged, Trial, Verdict


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.proof.mutations")
    parser.add_argument("examples", nargs="*", default=["one-router", "public-apps"])
    parser.add_argument("--share", type=int, default=1, help="every N-th mutant alone")
    parser.add_argument("--from", dest="first", type=int, default=0, help="which one of them")
    parser.add_argument("--list", nargs="*", default=["missed"], help="verdicts whose mutants are shown")
    chosen = parser.parse_args()
    with Loader() as loader:
        for example in chosen.examples:
            trial = Trial(example, loader)
            judged = [trial.judge(one) for one in trial.mutants()[chosen.first :: chosen.share]]
            sys.stdout.write(f"{example}: {len(judged)} mutants\n\n" + "\n".join(_table(judged)) + "\n")
            for verdict in chosen.list:
                shown = [str(one) for one in judged if one.verdict == verdict]
                sys.stdout.write("\n".join(["", f"{len(shown)} {verdict}:", *shown, ""]))
            sys.stdout.flush()


def _table(judged: list[Judged]) -> list[str]:
    counts: dict[tuple[str, str], Counter[Verdict]] = defaultdict(Counter)
    for one in judged:
        file = one.mutant.path.rsplit(".", 1)[-1] if "10-bailiwick-" in one.mutant.path else one.mutant.path
        counts[file.rsplit("/", 1)[-1], one.mutant.kind][one.verdict] += 1
    rows = ["| file | class | " + " | ".join(Verdict) + " |", "|---|---|" + "---:|" * len(Verdict)]
    for (file, kind), row in sorted(counts.items()):
        rows.append(f"| {file} | {kind} | " + " | ".join(str(row[verdict] or "") for verdict in Verdict) + " |")
    total = sum(counts.values(), Counter[Verdict]())
    return [*rows, "| all | | " + " | ".join(str(total[verdict]) for verdict in Verdict) + " |"]


if __name__ == "__main__":
    main()
