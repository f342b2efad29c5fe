"""A home file as git has it at some revision, with all that it includes; the work tree is left alone."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

LARGEST = 4 << 20
"""Bytes of a file that a home file may include."""


class NoRevision(Exception):
    """Git does not know the revision, or the file is in none; the message says which."""


def files_at(revision: str, home: Path) -> Mapping[str, str]:
    """The texts of the home file's directory at ``revision``, by their names there. Raises NoRevision."""
    directory = home.resolve().parent
    if revision.startswith("-"):
        raise NoRevision(f"{revision} is no revision.")
    try:
        done = subprocess.run(
            ["git", "-C", str(directory), "archive", "--format=tar", revision, "."],
            capture_output=True,
            check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
    except FileNotFoundError:
        raise NoRevision("The program `git` is missing: install the package git.") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise NoRevision(
            f"git has no {revision} of {directory.name}: {said[-1] if said else 'it fails without a word'}"
        )
    texts = {}
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() and member.size <= LARGEST else None
            if content is not None:
                texts[member.name.removeprefix("./")] = content.read().decode("utf-8", "replace")
    if home.name not in texts:
        raise NoRevision(f"{revision} has no {home.name}.")
    return texts
