"""Files of this machine to take along into a guest: at the same paths, symbolic links as links."""

from __future__ import annotations

import importlib.util
import marshal
import os
import re
import struct
import subprocess
from collections import deque
from pathlib import Path

from bailiwick.twin.stages.machine.cpio import Archive
from bailiwick.twin.stages.namespaces import StageError

ROOT = Path("/")
LEFT_OUT = frozenset(
    ("test", "tests", "idlelib", "lib2to3", "ensurepip", "tkinter", "turtledemo", "pydoc_data", "distutils", "venv")
)
PACKAGES = frozenset(("site-packages", "dist-packages", "__pycache__"))
"""Directories of Python's library."""
MASK = 0xFFFF_FFFF


class Selection:
    """``files`` and ``directories`` have no link in their paths; ``links`` have what they say."""

    def __init__(self) -> None:
        self.files: set[Path] = set()
        self.modules: set[Path] = set()  # those of the files that Python compiles
        self.directories: set[Path] = set()
        self.links: dict[Path, str] = {}
        self._real: dict[Path, Path] = {ROOT: ROOT}

    def take(self, path: Path) -> None:
        """A file, or all of a directory; of a link, what it leads to as well. Raises FileNotFoundError."""
        real = self.way_to(path)
        if not real.is_dir():
            self.files.add(real)
            return
        for entry in sorted(real.iterdir()):
            if entry.is_symlink() and not entry.exists():
                self.links[entry] = str(entry.readlink())
            elif entry.is_dir() or entry.is_file():
                self.take(entry)

    def take_links(self, directory: Path) -> None:
        """The links in a directory, wherever they lead."""
        at = self.way_to(directory)
        self.links |= {entry: str(entry.readlink()) for entry in at.iterdir() if entry.is_symlink()}

    def take_python(self, directory: Path, left_out: frozenset[str] = LEFT_OUT) -> None:
        """A directory of Python's modules."""
        for at, below, names in os.walk(self.way_to(directory)):
            below[:] = sorted(
                name for name in below if name not in left_out | PACKAGES and not name.startswith("config-")
            )
            self.directories.add(Path(at))
            self.modules |= {Path(at, name) for name in names if name.endswith(".py")}
            self.files |= {Path(at, name) for name in names if _is_of_python(name)}

    def way_to(self, path: Path) -> Path:
        """The real path. Every link and directory on the way is taken. Raises FileNotFoundError."""
        at, left = ROOT, deque(path.parts[1:])
        if path.parent in self._real:
            at, left = self._real[path.parent], deque([path.name])
        while left:
            name = left.popleft()
            if name == "..":
                at = at.parent
                continue
            step = at / name
            if step.is_symlink():
                target = step.readlink()
                self.links[step] = str(target)
                if target.is_absolute():
                    at = ROOT
                left.extendleft(reversed([part for part in target.parts if part != "/"]))
                continue
            step.stat()
            at = step
            if left:
                self.directories.add(at)
        if at.is_dir():
            self.directories.add(at)
            self._real[path] = at
        return at

    def take_libraries(self) -> None:
        """The shared libraries of all programs and libraries taken, by ldd(1). Raises StageError for one not there."""
        images = [str(path) for path in sorted(self.files) if _is_image(path)]
        listed = subprocess.run(["ldd", *images], capture_output=True, text=True, check=False).stdout
        if missing := re.search(r"^\s*(\S+) => not found", listed, re.MULTILINE):
            raise StageError(
                f"a program of the stage needs the library {missing.group(1)}, which is not installed here"
            )
        for library in sorted(set(re.findall(r"(/\S+) \(0x", listed))):
            self.take(Path(library))

    def archive(self) -> Archive:
        """All of it, with the files' times: Python compiles again what is not as old as its ``.pyc`` says."""
        archive = Archive()
        for directory in sorted(self.directories):
            archive.directory(str(directory))
        for link, target in sorted(self.links.items()):
            archive.link(str(link), target)
        for path in sorted(self.files):
            state = path.stat()
            archive.file(str(path), path.read_bytes(), state.st_mode & 0o777 | 0o400, int(state.st_mtime))
        for path in sorted(self.modules):
            if (code := compiled(path)) is not None:
                archive.file(importlib.util.cache_from_source(str(path)), code)
        return archive

    def states(self) -> dict[str, list[int] | None]:
        """Size and time of each file, and the time of each directory: what tells that something has changed."""
        return {str(path): state_of(path) for path in (*self.files, *self.directories)}


def _is_of_python(name: str) -> bool:
    return name.endswith((".py", ".so", ".typed")) and not name.startswith(("_tk", "_test"))


def compiled(path: Path) -> bytes | None:
    """The ``.pyc`` of a module as this interpreter writes it (PEP 552, by time); None for what it cannot read.

    What lies in ``__pycache__`` is used where it is of the file as it is now; nothing is written there.
    """
    state = path.stat()
    head = importlib.util.MAGIC_NUMBER + struct.pack("<III", 0, int(state.st_mtime) & MASK, state.st_size & MASK)
    try:
        found = Path(importlib.util.cache_from_source(str(path))).read_bytes()
    except FileNotFoundError:
        found = b""
    if found.startswith(head):
        return found
    try:
        code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError):  # a template, or written for another Python; nobody could import it here either
        return None
    return head + marshal.dumps(code)


def state_of(path: Path) -> list[int] | None:
    """None for what is not there."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return [0 if path.is_dir() else state.st_size, state.st_mtime_ns]


def _is_image(path: Path) -> bool:
    if not (".so" in path.name or path.stat().st_mode & 0o111):
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"
