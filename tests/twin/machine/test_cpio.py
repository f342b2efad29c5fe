"""The archive writer, against a program that reads such archives."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bailiwick.twin.stages.machine.cpio import Archive


def unpacked(archive: bytes, directory: Path) -> Path:
    command = ["busybox", "cpio", "-i", "-d", "-m"]
    subprocess.run(command, input=archive, cwd=directory, check=True, capture_output=True)
    return directory


@pytest.mark.real
def test_files_links_and_directories_come_back(tmp_path: Path) -> None:
    archive = Archive()
    archive.file("/usr/bin/one", b"\x7fELF" + bytes(range(256)), 0o755, 1_700_000_000)
    archive.file("/usr/lib/empty", b"", 0o600)
    archive.link("/bin", "usr/bin")
    archive.directory("/var/lib")
    root = unpacked(archive.done(), tmp_path)

    one = root / "usr/bin/one"
    assert one.read_bytes() == b"\x7fELF" + bytes(range(256))
    assert one.stat().st_mode & 0o777 == 0o755
    assert int(one.stat().st_mtime) == 1_700_000_000
    assert (root / "usr/lib/empty").read_bytes() == b""
    assert (root / "usr/lib/empty").stat().st_mode & 0o777 == 0o600
    assert str((root / "bin").readlink()) == "usr/bin"
    assert (root / "var/lib").is_dir()


@pytest.mark.real
def test_devices_are_listed_with_their_numbers() -> None:
    archive = Archive()
    archive.device("/dev/console", 5, 1, 0o600)
    listed = subprocess.run(
        ["busybox", "cpio", "-t", "-v"], input=archive.done(), check=True, capture_output=True
    ).stdout.decode()

    assert "crw-------" in listed
    assert listed.split().count("dev/console") == 1


def test_parents_come_before_and_only_once() -> None:
    archive = Archive()
    archive.file("/a/b/c", b"x")
    archive.file("/a/b/d", b"y")
    data = archive.done()

    assert data.index(b"a\0") < data.index(b"a/b\0") < data.index(b"a/b/c\0")
    assert data.count(b"a/b\0") == 1
    assert len(data) % 4 == 0


def test_a_relative_path_is_refused() -> None:
    with pytest.raises(ValueError, match="not an absolute path"):
        Archive().file("etc/passwd", b"")
