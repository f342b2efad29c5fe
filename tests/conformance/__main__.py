"""``python -m tests.conformance [--run]``: write docs/conformance.md; with ``--run``, play the acts first."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import date

from bailiwick.twin import TwinOptions, try_network
from bailiwick.twin.result import Check
from tests.conformance.document import DOCUMENT, RESULTS, counted, document, record
from tests.twin.homes import Home, home, small

HOMES: dict[str, Callable[[], Home]] = {
    "examples/public-apps.yaml": lambda: home("public-apps"),
    "SMALL of tests/twin/homes.py": small,
}


def main() -> int:
    """Exit status 1 when a check is not as its row says."""
    differed = 0
    if "--run" in sys.argv[1:]:
        checks: list[Check] = []
        for make in HOMES.values():
            one = make()
            checks += try_network(one.network, one.intent, one.plan, one.tree, TwinOptions(every=True)).checks
        counts = counted(checks)
        differed = sum(count.differed for count in counts.values())
        RESULTS.write_text(record(counts, date.today().isoformat(), os.uname().release.split("-")[0], HOMES))
    DOCUMENT.write_text(document())
    return 1 if differed else 0


if __name__ == "__main__":
    sys.exit(main())
