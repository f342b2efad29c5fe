"""The writer under strace(1): every system call that it makes, and what is done to it at one of them."""

from __future__ import annotations

import atexit
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.agent.store.writer import BEGIN, END

ROOT = Path(__file__).parents[3]
WRITER = [sys.executable, "-S", "-m", "tests.agent.store.writer"]
CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (\??-?\d*)", re.DOTALL)
CHANGING = {
    *("openat", "write", "pwrite64", "ftruncate", "fallocate", "fsync", "fdatasync", "link", "linkat"),
    *("rename", "renameat", "renameat2", "mkdir", "mkdirat", "symlink", "symlinkat", "unlink", "unlinkat", "rmdir"),
    *("chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat"),
}
"""The calls that change a disk, or bring a change to it. (strace knows all of them; the writer makes most.)"""


@dataclass(frozen=True, slots=True)
class Call:
    """``number``: the how manieth call of that name in the whole process, from 1, as strace's ``when=`` counts."""

    name: str
    number: int
    arguments: str
    result: int


@dataclass(frozen=True, slots=True)
class Trace:
    """One whole apply in ``root``, in order."""

    root: Path
    calls: tuple[Call, ...]

    def synced_directories(self) -> set[Call]:
        """The fsyncs of directories."""
        directories: set[str] = set()
        found: set[Call] = set()
        for call in self.calls:
            if call.name == "openat" and call.result >= 0:
                number = str(call.result)
                (directories.add if "O_DIRECTORY" in call.arguments else directories.discard)(number)
            elif call.name == "fsync" and call.arguments in directories:
                found.add(call)
        return found


def calls(root: Path) -> Trace:
    """The writer's, on ``root``."""
    listing = root.parent / "strace"
    traced = ["strace", "-f", "-xx", "-s", "100000", "-o", str(listing)]
    subprocess.run([*traced, *WRITER, str(root)], check=True, env=quiet())
    counted: dict[str, int] = {}
    found: list[Call] = []
    inside = False
    for line in listing.read_text().splitlines():
        if not (match := CALL.match(line)):
            continue
        name, arguments, result = match.groups()
        counted[name] = counted.get(name, 0) + 1
        if name == "access" and text(BEGIN) in arguments:
            inside = True
        elif name == "access" and text(END) in arguments:
            break
        elif inside:
            found.append(Call(name, counted[name], arguments, int(result) if result.lstrip("-").isdecimal() else -1))
    return Trace(root, tuple(found))


def text(plain: str) -> str:
    """As ``strace -xx`` prints it."""
    return "".join(f"\\x{byte:02x}" for byte in plain.encode())


def injected(root: Path, call: Call, what: str) -> subprocess.CompletedProcess[str]:
    """One apply to which ``what`` (strace's, as ``signal=SIGKILL`` or ``error=ENOSPC``) happens at that call."""
    inject = ["-e", f"trace={call.name}", "-e", f"inject={call.name}:{what}:when={call.number}"]
    return subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", *inject, *WRITER, str(root)],
        capture_output=True,
        text=True,
        env=quiet(),
        check=False,
    )


@functools.cache
def quiet() -> dict[str, str]:
    """An environment in which Python starts with the same calls each time: compiled files that none but this uses."""
    compiled = tempfile.mkdtemp(prefix="bailiwick-compiled-")
    atexit.register(shutil.rmtree, compiled)
    places = {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "PYTHONPYCACHEPREFIX": compiled, "PATH": os.environ["PATH"]}
    found = {**places, "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}
    imported = [sys.executable, "-S", "-c", "import tests.agent.store.writer, runpy"]
    subprocess.run(imported, check=True, env=found)
    subprocess.run([*WRITER, "/proc/nowhere"], check=False, capture_output=True, env=found)
    return found


def changing(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """Those that change the disk or bring a change to it."""
    return tuple(
        call for call in calls if call.name in CHANGING and (call.name != "openat" or "O_CREAT" in call.arguments)
    )
