"""A mount and a network namespace for a test that looks at all mounts, links and named namespaces there are: what
other tests make meanwhile is not seen in them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SCRIPT = "mount -t tmpfs tmpfs /run && mount -t sysfs sysfs /sys && echo there && exec sleep infinity"


@dataclass(frozen=True, slots=True)
class Apart:
    """``inside`` is what a command to be run there begins with, in the directory where we were; ``proc`` the process
    that is there (proc(5))."""

    inside: tuple[str, ...]
    proc: Path

    @property
    def mounts(self) -> str:
        return (self.proc / "mounts").read_text()

    def names(self, directory: str) -> tuple[str, ...]:
        """What it holds, as it is seen there."""
        place = Path(f"{self.proc}/root{directory}")
        return tuple(sorted(one.name for one in place.iterdir())) if place.is_dir() else ()


@contextmanager
def apart() -> Iterator[Apart]:
    """For root; for others it is where they are, as their namespaces would be others' to what they try."""
    if os.geteuid():
        yield Apart((), Path("/proc/self"))
        return
    command = ["unshare", "--mount", "--net", "--propagation", "private", "sh", "-c", SCRIPT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "there\n"
            yield Apart(
                ("nsenter", f"--target={holder.pid}", "--mount", "--net", "--wd", "--"), Path(f"/proc/{holder.pid}")
            )
        finally:
            holder.kill()
