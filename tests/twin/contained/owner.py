"""``python -m tests.twin.contained.owner ROOT DISK``: boots a box, says so, and waits to be killed."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from bailiwick.twin.stages.contained.box import contained


def main() -> None:
    with contained(Path(sys.argv[1]), Path(sys.argv[2])) as box:
        box.plug("eth0", "lan")
        box.wall.station("one", "lan", "10.0.0.1/24")
        box.boot()
        (box.disk / "up").touch()
        time.sleep(300)


if __name__ == "__main__":
    main()
