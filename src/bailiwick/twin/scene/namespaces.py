"""Network namespaces: made by name, entered for a moment.

A socket belongs for life to the namespace in which it was made (``socket(2)``, ``network_namespaces(7)``), so one
process enters a namespace, opens what it needs, comes back, and serves all of them from one loop.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

NAMESPACES = Path("/run/netns")  # where ip-netns(8) keeps them; a private tmpfs on the stage
CLONE_NEWNET = 0x40000000  # sched.h

_libc = ctypes.CDLL(None, use_errno=True)


class CommandFailed(Exception):
    """A command of the stage did not do what it was told."""


def run(*command: str, text: str | None = None) -> str:
    """What the command printed. Raises CommandFailed with what it said on stderr."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise CommandFailed(f"{' '.join(command)}: {said or f'exit status {done.returncode}'}")
    return done.stdout


def _enter(descriptor: int) -> None:
    if _libc.setns(descriptor, CLONE_NEWNET):
        code = ctypes.get_errno()
        raise OSError(code, f"setns: {os.strerror(code)}")


@contextmanager
def within(namespace: str) -> Iterator[None]:
    """Be in the named network namespace: sockets made and processes started here stay there."""
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    there = os.open(NAMESPACES / namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _enter(there)
        try:
            yield
        finally:
            _enter(here)
    finally:
        os.close(there)
        os.close(here)


def run_in(namespace: str, *command: str, text: str | None = None) -> str:
    """Run a command in a network namespace. Raises CommandFailed.

    Not by ``ip -n``: that mounts a sysfs of its own, which a user namespace refuses beside a read-only one.
    """
    with within(namespace):
        return run(*command, text=text)


def batch(lines: Sequence[str], namespace: str | None = None) -> None:
    """Run ``ip`` commands in one process. Raises CommandFailed."""
    if lines:
        text = "\n".join(lines) + "\n"
        if namespace is None:
            run("ip", "-batch", "-", text=text)
        else:
            run_in(namespace, "ip", "-batch", "-", text=text)
