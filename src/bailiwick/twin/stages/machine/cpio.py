"""Archives that the kernel unpacks at boot: cpio's "newc" form, as
Documentation/driver-api/early-userspace/buffer-format.rst has it.

Archives that follow one another are unpacked one after the other, so what stays and what changes are written apart.
"""

from __future__ import annotations

import stat

MAGIC = b"070701"
TRAILER = "TRAILER!!!"
LIMIT = 1 << 32  # each field of the header has eight hexadecimal digits


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


class Archive:
    """Entries in the order added, each with its parent directories before it. Everything belongs to root, but for
    what is added with another ``owner`` (user, group).

    ``mtime`` is in whole seconds since 1970. Paths are absolute.
    """

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._directories: set[str] = {"/"}
        self._count = 0

    def file(self, path: str, data: bytes, mode: int = 0o644, mtime: int = 0, owner: tuple[int, int] = (0, 0)) -> None:
        self._entry(path, stat.S_IFREG | mode, data, mtime, owner=owner)

    def link(self, path: str, target: str) -> None:
        """A symbolic link."""
        self._entry(path, stat.S_IFLNK | 0o777, target.encode())

    def directory(self, path: str, mode: int = 0o755, owner: tuple[int, int] = (0, 0)) -> None:
        if path not in self._directories:
            self._directories.add(path)
            self._entry(path, stat.S_IFDIR | mode, b"", owner=owner)

    def device(self, path: str, major: int, minor: int, mode: int = 0o600) -> None:
        """A character device."""
        self._entry(path, stat.S_IFCHR | mode, b"", device=(major, minor))

    def done(self) -> bytes:
        """The whole archive, a multiple of four bytes long."""
        return b"".join(self._parts) + self._written(TRAILER, 0, b"")

    def _entry(
        self,
        path: str,
        mode: int,
        data: bytes,
        mtime: int = 0,
        *,
        device: tuple[int, int] = (0, 0),
        owner: tuple[int, int] = (0, 0),
    ) -> None:
        if not path.startswith("/"):
            raise ValueError(f"not an absolute path: {path}")
        parent = path.rpartition("/")[0] or "/"
        if parent not in self._directories:
            self.directory(parent)
        self._count += 1
        self._parts.append(self._written(path[1:], mode, data, mtime, device=device, owner=owner))

    def _written(
        self,
        name: str,
        mode: int,
        data: bytes,
        mtime: int = 0,
        *,
        device: tuple[int, int] = (0, 0),
        owner: tuple[int, int] = (0, 0),
    ) -> bytes:
        if len(data) >= LIMIT:
            raise ValueError(f"{name} is too large for this form of archive")
        named = name.encode() + b"\0"
        fields = (self._count, mode, *owner, 1, max(mtime, 0), len(data), 0, 0, *device, len(named), 0)
        header = MAGIC + b"".join(b"%08X" % value for value in fields)
        return _padded(header + named) + _padded(data)
