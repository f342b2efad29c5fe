"""Write each device's files into a directory, all or nothing, and never over what is not ours.

The directory holds one folder per device, each laid out as the device's own root, and ``manifest.json``: by its
hashes a later build knows its own files from what a person put there or changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bailiwick.targets.artifact import Artifact, Tree
from bailiwick.targets.manifest import as_data

MANIFEST = "manifest.json"
FORMAT = 1


class Refused(Exception):
    """The directory holds something that a build would destroy; the message says what and what to do."""


@dataclass(frozen=True, slots=True)
class Built:
    """``files`` are the paths written, relative to ``directory``, sorted."""

    directory: Path
    files: tuple[str, ...]


def build(trees: tuple[Tree, ...], directory: Path) -> Built:
    """Replace ``directory`` by the files of ``trees``. Raises Refused, and OSError when it cannot be written.

    The new content is written beside the old and takes its place by two renames, so that no moment shows half of
    a build, and one that fails leaves the old content as it was.
    """
    foreign = _foreign(directory)
    if foreign:
        shown = ", ".join(foreign[:5]) + (f" and {len(foreign) - 5} more" if len(foreign) > 5 else "")
        raise Refused(f"{directory} holds what no build wrote, or what was changed since: {shown}. Move it away first.")
    directory = directory.resolve()
    directory.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{directory.name}.new-", dir=directory.parent))
    try:
        fresh.chmod(0o755)
        for tree in trees:
            for artifact in tree.artifacts:
                _write(fresh / tree.device / artifact.path.lstrip("/"), artifact)
        (fresh / MANIFEST).write_text(
            json.dumps(manifest(trees), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        _replace(directory, fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return Built(directory, tuple(sorted(_files(directory))))


def manifest(trees: tuple[Tree, ...]) -> dict[str, Any]:
    """What was built, as JSON: ``targets.manifest`` for each device."""
    return {"bailiwick": FORMAT, "devices": [as_data(tree) for tree in trees]}


def _write(path: Path, artifact: Artifact) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # The mode stands from the first byte on: a file for root alone is never readable in between.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(artifact.text)
        os.fchmod(file.fileno(), artifact.mode)


def _replace(directory: Path, fresh: Path) -> None:
    if not directory.exists():
        fresh.rename(directory)
        return
    old = fresh.with_name(fresh.name.replace(".new-", ".old-"))
    directory.rename(old)
    try:
        fresh.rename(directory)
    except OSError:
        old.rename(directory)
        raise
    shutil.rmtree(old)


def _files(directory: Path) -> Iterator[str]:
    for root, _, names in os.walk(directory):
        for name in names:
            yield str((Path(root) / name).relative_to(directory))


def _foreign(directory: Path) -> list[str]:
    """The files below ``directory`` that the last build did not write as they are now."""
    if not directory.exists() and not directory.is_symlink():
        return []
    if directory.is_symlink() or not directory.is_dir():
        return [directory.name]
    known = _known(directory / MANIFEST)
    ours = {MANIFEST} if known else set()
    return [n for n in sorted(_files(directory)) if n not in ours and known.get(n) != _hash_of(directory / n)]


def _known(path: Path) -> dict[str, str]:
    """Relative path to hash, of a manifest that a build wrote; empty when there is none."""
    try:
        content = json.loads(path.read_bytes())
        return {
            f"{device['device']}/{entry['path'].lstrip('/')}": entry["sha256"]
            for device in content["devices"]
            for entry in device["files"]
        }
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _hash_of(path: Path) -> str | None:
    return None if path.is_symlink() or not path.is_file() else _sha256(path.read_bytes())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
