"""``python -m tests.twin.killing WHEN COMMAND…``: start it, ``kill -9`` it then, and say what outlives it.

WHEN is a number of seconds, or the path of a file that it makes when it is time.

Whatever the command started and left behind becomes a child of this process (PR_SET_CHILD_SUBREAPER, prctl(2)), so
that nothing can hide. Prints JSON: whether it had ended by itself, how many processes it had made, and who is left.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
APPEARS = 240.0
"""Seconds within which a file that is waited for is there."""
SETTLE = float(os.environ.get("BAILIWICK_SETTLE", "20"))
"""Seconds within which the kernel ends a namespace's processes, on a busy machine."""


def children(process: int) -> list[int]:
    found: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):  # it may end while it is looked at
        for listed in list(Path(f"/proc/{process}/task").glob("*/children")):
            with suppress(FileNotFoundError, ProcessLookupError):
                found += [int(word) for word in listed.read_text().split()]
    return found


def descendants(process: int) -> list[int]:
    return [one for child in children(process) for one in (child, *descendants(child))]


def left_behind() -> list[str]:
    """Names of what still runs below this process once the dead are buried; it is ended, too."""
    end = time.monotonic() + SETTLE
    while time.monotonic() < end:
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not children(os.getpid()):
            return []
        time.sleep(0.02)
    names: list[str] = []
    for one in descendants(os.getpid()):
        with suppress(FileNotFoundError, ProcessLookupError):
            names.append(Path(f"/proc/{one}/comm").read_text().strip())
            os.kill(one, signal.SIGKILL)
    return names


def main() -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        sys.exit("prctl refused")
    started = subprocess.Popen(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = 0
    file = Path(sys.argv[1]) if "/" in sys.argv[1] else None
    end = time.monotonic() + (APPEARS if file else float(sys.argv[1]))
    while time.monotonic() < end and started.poll() is None and not (file and file.exists()):
        most = max(most, 1 + len(descendants(started.pid)))
        time.sleep(0.02)
    most = max(most, 1 + len(descendants(started.pid)))
    ended = started.poll() is not None
    started.send_signal(signal.SIGKILL)
    started.wait()
    sys.stdout.write(json.dumps({"ended": ended, "processes": most, "left": left_behind()}))


if __name__ == "__main__":
    main()
