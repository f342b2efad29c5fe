"""A disk on which only what was brought to it is sure to be there after a power cut.

It follows the system calls of a program (``tracing.Call``) on files below one directory. Contents and names are
separate matters: fsync(2) of a file brings its content and mode, fsync of a directory the names in it; whatever was not
brought may be there or not, piece by piece, in any mixture; a rename within a directory is one piece. This is weaker
than what ext4 does, and is what programs may rely on (Pillai et al., OSDI 2014).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.agent.store.tracing import Call

QUOTED = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(eq=False)
class Inode:
    """A file, a directory or a link: as it is on the disk. ``mode`` permission bits."""

    kind: str  # "file", "directory", "link"
    mode: int = 0o600
    content: bytes = b""
    names: dict[str, Inode] = field(default_factory=dict)

    def copied(self, seen: dict[Inode, Inode]) -> Inode:
        if self not in seen:
            seen[self] = new = Inode(self.kind, self.mode, self.content)
            new.names = {name: below.copied(seen) for name, below in self.names.items()}
        return seen[self]


@dataclass(frozen=True, eq=False)
class Piece:
    """One change that a power cut keeps or loses as a whole: of ``inode``'s content (``data``, from ``at`` on; None
    for a new mode), of its length, or of the names in it (None for a name that goes)."""

    inode: Inode
    at: int = 0
    data: bytes | None = None
    length: int | None = None
    mode: int | None = None
    names: Mapping[str, Inode | None] = field(default_factory=dict)


@dataclass
class Disk:
    """``top``: what is on the disk. ``pending``: what was done and not brought to it yet, in order."""

    top: Inode
    root: str
    pending: list[Piece] = field(default_factory=list)
    descriptors: dict[int, Inode] = field(default_factory=dict)
    offsets: dict[int, int] = field(default_factory=dict)
    locks: set[Inode] = field(default_factory=set)
    """Files with somebody's name in them, which means nothing after a start: they stay as they are."""

    def now(self, inode: Inode) -> dict[str, Inode]:
        """Names in a directory as a running program sees them."""
        names = dict(inode.names)
        for piece in self.pending:
            if piece.inode is inode:
                _rename(names, piece.names)
        return names

    def play(self, call: Call) -> None:
        """Raises KeyError for a call on something that is not known: nothing is passed over."""
        if call.result < 0:
            return
        if handler := getattr(self, f"_{call.name}", None):
            handler(call, [bytes.fromhex(one.replace("\\x", "")) for one in QUOTED.findall(call.arguments)])

    def _find(self, directory: str, path: bytes) -> tuple[Inode | None, str, Inode | None]:
        """The directory that has (or may have) the name, the name, and what it names; (None, "", None) for a path
        that is outside."""
        text = path.decode()
        if directory == "AT_FDCWD":
            if not text.startswith(self.root):
                return None, "", None
            here, text = self.top, text.removeprefix(self.root)
        elif int(directory) in self.descriptors:
            here = self.descriptors[int(directory)]
        else:
            return None, "", None
        *above, name = [part for part in text.split("/") if part not in ("", ".")] or ["."]
        for part in above:
            here = self.now(here)[part]
        return here, name, here if name == "." else self.now(here).get(name)

    def _openat(self, call: Call, texts: list[bytes]) -> None:
        self.descriptors.pop(call.result, None)
        directory, flags = _words(call)[0], call.arguments
        path = texts[0].decode()
        if directory == "AT_FDCWD" and path == "/":
            self.descriptors[call.result] = _above(self.root, self.top)
            return
        here, name, found = self._find(directory, texts[0])
        if here is None:
            return
        if found is None:
            assert "O_CREAT" in flags, call
            found = Inode("file", int(_words(call)[-1], 8) & ~0o022)
            self.pending.append(Piece(here, names={name: found}))
        assert "O_TRUNC" not in flags
        self.descriptors[call.result] = found
        if name.endswith("lock"):
            self.locks.add(found)
        self.offsets[call.result] = len(self._content(found)) if "O_APPEND" in flags else 0

    def _fcntl(self, call: Call, _: list[bytes]) -> None:
        if "F_DUPFD" in call.arguments and int(_words(call)[0]) in self.descriptors:
            self.descriptors[call.result] = self.descriptors[int(_words(call)[0])]

    def _close(self, call: Call, _: list[bytes]) -> None:
        self.descriptors.pop(int(_words(call)[0]), None)

    def _content(self, inode: Inode) -> bytes:
        content = inode.content
        for piece in self.pending:
            if piece.inode is inode:
                content = _written(content, piece)
        return content

    def _write(self, call: Call, texts: list[bytes]) -> None:
        number = int(_words(call)[0])
        if number in self.descriptors:
            data = texts[0][: call.result]
            assert len(data) == call.result
            self.pending.append(Piece(self.descriptors[number], at=self.offsets[number], data=data))
            self.offsets[number] += call.result

    def _pwrite64(self, call: Call, texts: list[bytes]) -> None:
        number = int(_words(call)[0])
        if number in self.descriptors:
            at = int(_words(call)[-1])
            self._add(Piece(self.descriptors[number], at=at, data=texts[0][: call.result]))

    def _ftruncate(self, call: Call, _: list[bytes]) -> None:
        number, length = _words(call)
        self._add(Piece(self.descriptors[int(number)], length=int(length)))

    def _add(self, piece: Piece) -> None:
        if piece.inode not in self.locks:
            self.pending.append(piece)

    def _fallocate(self, call: Call, _: list[bytes]) -> None:
        words = _words(call)
        self.pending.append(Piece(self.descriptors[int(words[0])], at=int(words[2]), data=bytes(int(words[3]))))

    def _fchmod(self, call: Call, _: list[bytes]) -> None:
        number, mode = _words(call)
        self.pending.append(Piece(self.descriptors[int(number)], mode=int(mode, 8)))

    def _fsync(self, call: Call, _: list[bytes]) -> None:
        inode = self.descriptors[int(_words(call)[0])]
        for piece in [piece for piece in self.pending if piece.inode is inode]:
            _bring(piece)
        self.pending = [piece for piece in self.pending if piece.inode is not inode]

    def _mkdirat(self, call: Call, texts: list[bytes]) -> None:
        here, name, _ = self._find(_words(call)[0], texts[0])
        assert here is not None
        self.pending.append(Piece(here, names={name: Inode("directory", int(_words(call)[-1], 8))}))

    def _symlinkat(self, call: Call, texts: list[bytes]) -> None:
        here, name, _ = self._find(_words(call)[1], texts[1])
        assert here is not None
        self.pending.append(Piece(here, names={name: Inode("link", content=texts[0])}))

    def _renameat(self, call: Call, texts: list[bytes]) -> None:
        words = _words(call)
        source, old, moved = self._find(words[0], texts[0])
        target, new, _ = self._find(words[2], texts[1])
        assert source is not None
        assert source is target
        assert moved is not None
        self.pending.append(Piece(source, names={old: None, new: moved}))

    def _unlinkat(self, call: Call, texts: list[bytes]) -> None:
        here, name, _ = self._find(_words(call)[0], texts[0])
        assert here is not None
        self.pending.append(Piece(here, names={name: None}))

    def _rmdir(self, call: Call, texts: list[bytes]) -> None:
        here, name, _ = self._find("AT_FDCWD", texts[0])
        assert here is not None
        self.pending.append(Piece(here, names={name: None}))

    def _not_known(self, call: Call, _: list[bytes]) -> None:
        raise KeyError(call.name)

    _chmod = _fchmodat = _fchown = _fdatasync = _link = _linkat = _mkdir = _rename = _renameat2 = _symlink = _not_known
    _copy_file_range = _mknod = _mknodat = _pwritev = _pwritev2 = _sendfile = _truncate = _unlink = _writev = _not_known

    def after(self, kept: Iterable[int], torn: int | None = None) -> Inode:
        """What is on the disk when of the pending pieces only those of these places were brought; of the one at
        ``torn``, the half of its bytes, the rest being zeros."""
        seen: dict[Inode, Inode] = {}
        top = self.top.copied(seen)
        for place in sorted(kept):
            piece = self.pending[place]
            data = piece.data
            if place == torn and data is not None:
                data = data[: len(data) // 2] + bytes(len(data) - len(data) // 2)
            names = {name: below and below.copied(seen) for name, below in piece.names.items()}
            _bring(Piece(piece.inode.copied(seen), piece.at, data, piece.length, piece.mode, names))
        return top


def _rename(names: dict[str, Inode], change: Mapping[str, Inode | None]) -> None:
    for name, inode in change.items():
        if inode is None:
            names.pop(name, None)
        else:
            names[name] = inode


def _written(content: bytes, piece: Piece) -> bytes:
    if piece.length is not None:
        return content[: piece.length].ljust(piece.length, b"\0")
    if piece.data is None:
        return content
    return content[: piece.at].ljust(piece.at, b"\0") + piece.data + content[piece.at + len(piece.data) :]


def _bring(piece: Piece) -> None:
    inode = piece.inode
    inode.content = _written(inode.content, piece)
    inode.mode = inode.mode if piece.mode is None else piece.mode
    _rename(inode.names, piece.names)


def _words(call: Call) -> list[str]:
    return [word.strip() for word in QUOTED.sub("", call.arguments).split(",")]


def _above(root: str, top: Inode) -> Inode:
    """The directories from / to the root, which never change."""
    for part in reversed(root.strip("/").split("/")):
        top = Inode("directory", 0o755, names={part: top})
    return top


def taken(path: Path) -> Inode:
    """What is there, all of it on the disk."""
    mode = path.lstat().st_mode & 0o7777
    if path.is_symlink():
        return Inode("link", content=os.fsencode(path.readlink()))
    if path.is_file():
        return Inode("file", mode, path.read_bytes())
    return Inode("directory", mode, names={one.name: taken(one) for one in sorted(path.iterdir())})


def listed(inode: Inode, name: str = "") -> dict[str, tuple[str, int, bytes]]:
    """Every path below, and what is there."""
    found = {name: (inode.kind, inode.mode, inode.content)}
    for part, below in inode.names.items():
        found |= listed(below, f"{name}/{part}")
    return found


def given(inode: Inode, path: Path) -> None:
    """Put it there, on a real disk."""
    match inode.kind:
        case "link":
            path.symlink_to(inode.content.decode())
        case "file":
            path.write_bytes(inode.content)
            path.chmod(inode.mode)
        case _:
            path.mkdir()
            for name, below in inode.names.items():
                given(below, path / name)
            path.chmod(inode.mode)
