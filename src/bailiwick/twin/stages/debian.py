"""A Debian root by mmdebstrap(1): of one suite, with packages, as a tar or as a directory."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bailiwick.twin.stages.namespaces import StageError

SUITES = {"debian-12": "bookworm", "debian-13": "trixie"}
LEFT_OUT = ("doc", "man", "locale", "i18n", "info", "lintian")
"""Directories of /usr/share."""
PATIENCE = 900  # seconds


def suite_of(platform: str) -> str:
    """Raises StageError for a platform that is no Debian known here."""
    if platform not in SUITES:
        raise StageError(f"no Debian to boot for the platform {platform}; known: {', '.join(SUITES)}")
    return SUITES[platform]


def need_mmdebstrap() -> None:
    """Raises StageError where there is none."""
    if shutil.which("mmdebstrap") is None:
        raise StageError("not found on this machine: mmdebstrap (Debian's package mmdebstrap)")


def bootstrap(suite: str, packages: Sequence[str], target: Path, hooks: Sequence[str] = ()) -> None:
    """Make it: a tar where ``target`` ends so, else a directory.

    ``hooks`` are shell commands run on the finished root, which is ``$1`` (``--customize-hook``). Raises StageError.
    """
    command = ["mmdebstrap", "--variant=minbase", f"--include={','.join(packages)}"]
    command += [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in LEFT_OUT]
    command += [f"--customize-hook={hook}" for hook in hooks]
    command += ['--customize-hook=rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin']
    try:
        done = subprocess.run(
            [*command, suite, str(target)],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise StageError(f"mmdebstrap did not finish within {PATIENCE} seconds") from None
    if done.returncode:
        raise StageError(f"mmdebstrap could not make Debian's {suite}: {done.stderr.strip()[-600:]}")
