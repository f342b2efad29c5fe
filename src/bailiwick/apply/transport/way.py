"""What every transport is: the argument list that runs something on the device as root, and words for its failures."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class BadAddress(Exception):
    """No ssh can be asked to go there; the message is one sentence."""


class Unreachable(Exception):
    """Nothing was run on the device; the message says why, in one sentence."""


class Cut(Exception):
    """The connection ended before the command did: what the device did is not known."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that is over. ``lines`` are how many lines it wrote to its standard output."""

    status: int
    lines: int
    errors: str


class Transport(Protocol):
    @property
    def name(self) -> str:
        """For people, and for the files that are kept about the device."""

    def argv(self, words: Sequence[str], fresh: bool) -> tuple[str, ...]:
        """The process of this machine that runs ``words`` on the device, as root.

        ``fresh``: over a connection of its own, which begins now. Nothing in ``words`` is a secret.
        """

    def failure(self, ended: Ended) -> Exception | None:
        """Unreachable or Cut, where the process failed for the way's own reasons."""


NO_SUDO, NO_PYTHON, OLD_PYTHON = 93, 94, 95
"""Exit statuses of ``as_root`` and of the pushing, beside those of what they run."""


def as_root(words: Sequence[str]) -> str:
    """A line for any login shell: root runs ``words`` itself, anyone else by sudo, which must not ask."""
    run = shlex.join(words)
    script = (
        f"command -v python3 >/dev/null 2>&1 || exit {NO_PYTHON}; "
        f'if [ "$(id -u)" = 0 ]; then exec {run}; fi; '
        f"command -v sudo >/dev/null 2>&1 || exit {NO_SUDO}; "
        f"exec sudo -n {run}"
    )
    return f"sh -c {shlex.quote(script)}"


def not_permitted(name: str, ended: Ended) -> Unreachable | None:
    """What ``as_root`` says with its status, and sudo on its standard error."""
    if ended.lines:
        return None
    if ended.status == NO_PYTHON:
        return Unreachable(f"{name} has no python3, which the agent runs on: `apt install python3` there.")
    if ended.status == OLD_PYTHON:
        return Unreachable(f"{name}: {ended.errors.strip()}")
    if ended.status == NO_SUDO:
        return Unreachable(f"The user at {name} is not root, and there is no sudo: log in as root, or install sudo.")
    refused = [line for line in ended.errors.splitlines() if line.startswith("sudo:")]
    if ended.status == 1 and refused:
        return Unreachable(
            f"The user at {name} may not become root without a password ({refused[-1][5:].strip()}): "
            "log in as root, or let sudo run python3 for this user with NOPASSWD."
        )
    return None
