"""Programs of the device, run to their end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
SECONDS = 60.0
"""How long a program may take, unless said otherwise."""
WORDS = 600
"""Characters that are kept of what a program says when it fails: its last ones."""


class CommandFailed(Exception):
    """A program is not there, took too long, or failed; the sentence says which, in its own words."""


def run(*argv: str, text: str | None = None, seconds: float = SECONDS, may: Sequence[int] = ()) -> str:
    """What it wrote to its standard output. Raises CommandFailed unless its status is 0 or one of ``may``.

    It runs in the C locale, finds programs where the system has them, and reads ``text`` or nothing.
    """
    environment = {**os.environ, "LC_ALL": "C", "PATH": PATH, "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": ""}
    try:
        done = subprocess.run(
            argv, input=text or "", capture_output=True, text=True, timeout=seconds, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise CommandFailed(f"`{' '.join(argv)}` took longer than {seconds:g} s") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(f"`{' '.join(argv)}` cannot be run: {error}") from None
    if done.returncode and done.returncode not in may:
        said = " ".join((done.stderr.strip() or done.stdout.strip() or "it said nothing").split())
        raise CommandFailed(f"`{' '.join(argv)}` failed ({done.returncode}): {said[-WORDS:]}")
    return done.stdout
