"""What is made once and kept: directories that appear whole, are checked when used again, and never half made."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SUMS = "sums.json"
PARTIAL = "partial."


def cache_directory() -> Path:
    """``$XDG_CACHE_HOME/bailiwick/machine`` (XDG Base Directory Specification); made where it is missing."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(base) if base.startswith("/") else Path.home() / ".cache"
    directory = root / "bailiwick" / "machine"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _whole(directory: Path) -> bool:
    """Whether all that was written is there and unchanged."""
    try:
        sums: dict[str, str] = json.loads((directory / SUMS).read_text())
        return all(_sum(directory / name) == wanted for name, wanted in sums.items())
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return False


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """One process makes something at a time. The lock ends with the process that holds it (flock(2))."""
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def kept(
    cache: Path, kind: str, key: str, make: Callable[[Path], None], still_good: Callable[[Path], bool] | None = None
) -> Path:
    """The directory ``kind.key``, filled by ``make`` where it is not there, is damaged, or ``still_good`` says no.

    Others of the kind go when a new one is made, and so does what an ended process left half made. Files in it are
    checked; what lies in directories below is not.
    """
    directory = cache / f"{kind}.{key}"

    def usable() -> bool:
        return _whole(directory) and (still_good is None or still_good(directory))

    if usable():
        return directory
    with _alone(cache):
        if usable():  # somebody else was quicker
            return directory
        for left in cache.glob(f"{PARTIAL}*"):
            shutil.rmtree(left)
        partial = cache / f"{PARTIAL}{kind}"
        partial.mkdir()
        make(partial)
        sums = {path.name: _sum(path) for path in sorted(partial.iterdir()) if path.is_file()}
        (partial / SUMS).write_text(json.dumps(sums))
        for old in cache.glob(f"{kind}.*"):
            shutil.rmtree(old)
        partial.rename(directory)
    return directory
