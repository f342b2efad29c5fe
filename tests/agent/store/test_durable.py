"""One file, link or directory at a time: what it becomes, and what is refused."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bailiwick.agent.disk import durable
from bailiwick.agent.disk.durable import NotWritten

OWN = durable.own()


def names(path: Path) -> list[str]:
    return sorted(one.name for one in path.iterdir())


def test_a_file_is_written_with_its_mode_and_owner(tmp_path: Path) -> None:
    durable.write(tmp_path / "a", b"one", 0o640, OWN)
    durable.write(tmp_path / "a", b"two", 0o600, OWN)

    status = (tmp_path / "a").stat()
    assert (tmp_path / "a").read_bytes() == b"two"
    assert stat.S_IMODE(status.st_mode) == 0o600
    assert (status.st_uid, status.st_gid) == (os.geteuid(), os.getegid())
    assert names(tmp_path) == ["a"]


@pytest.mark.real
@pytest.mark.skipif(os.geteuid() != 0, reason="gives a file away")
def test_a_file_is_given_to_its_owner_by_name_or_number(tmp_path: Path) -> None:
    durable.write(tmp_path / "a", b"", 0o4750, "nobody:65534")

    status = (tmp_path / "a").stat()
    assert (status.st_uid, status.st_gid) == (65534, 65534)
    assert stat.S_IMODE(status.st_mode) == 0o4750


@pytest.mark.parametrize("owner", ["nobody-of-that-name:root", "root:nobody-of-that-name", "root"])
def test_an_owner_that_is_not_there_is_refused(tmp_path: Path, owner: str) -> None:
    with pytest.raises(NotWritten, match=r"this device has no (user|group)"):
        durable.write(tmp_path / "a", b"", owner=owner)
    assert not names(tmp_path)


def test_a_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"theirs")
    (tmp_path / "a").symlink_to("other")

    durable.write(tmp_path / "a", b"ours", owner=OWN)

    assert (tmp_path / "other").read_bytes() == b"theirs"
    assert not (tmp_path / "a").is_symlink()


def test_a_link_is_set_and_moved(tmp_path: Path) -> None:
    durable.link(tmp_path / "a", "one")
    durable.link(tmp_path / "a", "two")

    assert str((tmp_path / "a").readlink()) == "two"
    assert names(tmp_path) == ["a"]


def test_a_directory_on_the_way_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "way").symlink_to("real")

    acts = (
        lambda: durable.write(tmp_path / "way/a", b"", owner=OWN),
        lambda: durable.link(tmp_path / "way/a", "x"),
        lambda: durable.remove(tmp_path / "way/a"),
        lambda: durable.directory(tmp_path / "way/below"),
        lambda: durable.directory(tmp_path / "way"),
        lambda: durable.private(tmp_path / "way"),
        lambda: durable.read(tmp_path / "way/a"),
    )
    for act in acts:
        with pytest.raises(NotWritten, match="way is a link, and is not followed"):
            act()
    assert not names(tmp_path / "real")


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o757])
def test_a_directory_that_others_may_write_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "way").mkdir()
    (tmp_path / "way").chmod(mode)

    with pytest.raises(NotWritten, match="may be written by others"):
        durable.write(tmp_path / "way/a", b"", owner=OWN)


@pytest.mark.real
@pytest.mark.skipif(os.geteuid() != 0, reason="gives a directory away")
def test_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "way").mkdir()
    os.chown(tmp_path / "way", 65534, 65534)

    with pytest.raises(NotWritten, match="belongs to nobody"):
        durable.write(tmp_path / "way/a", b"", owner=OWN)


@pytest.mark.parametrize("path", ["relative", "/tmp/../etc/a"])
def test_a_path_that_is_not_plain_is_refused(path: str) -> None:
    with pytest.raises(NotWritten, match="is no absolute path"):
        durable.write(Path(path) / "below", b"", owner=OWN)


def test_a_directory_in_the_place_of_a_file_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()

    with pytest.raises(NotWritten, match=r"a: (Is a directory|File exists)"):
        durable.write(tmp_path / "a", b"", owner=OWN)
    with pytest.raises(NotWritten, match=r"a: (Is a directory|File exists)"):
        durable.link(tmp_path / "a", "x")
    assert names(tmp_path) == ["a"]


def test_directories_are_made_with_those_above_and_stay_as_they_are(tmp_path: Path) -> None:
    durable.directory(tmp_path / "a/b", 0o755)
    durable.directory(tmp_path / "a/b/c")
    durable.directory(tmp_path / "a/b", 0o700)

    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a", "a/b", "a/b/c")] == [0o755, 0o755, 0o700]


def test_removing_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")

    durable.remove(tmp_path / "a")
    durable.remove(tmp_path / "a")
    durable.remove(tmp_path / "not/there/either")

    assert not names(tmp_path)


def test_what_a_dead_writer_left_goes_with_the_next_and_a_living_ones_stays(tmp_path: Path) -> None:
    for name in (".a.4194305.bailiwick", f".a.{os.getppid()}.bailiwick", ".ab.4194305.bailiwick", ".a.b.bailiwick"):
        (tmp_path / name).write_bytes(b"half")

    durable.write(tmp_path / "a", b"whole", owner=OWN)

    left = {f".a.{os.getppid()}.bailiwick", ".ab.4194305.bailiwick", ".a.b.bailiwick"}
    assert set(names(tmp_path)) == {"a", *left}


def test_reading_takes_files_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")

    assert durable.read(tmp_path / "file") == b"x"
    for name in ("link", "pipe", "."):
        with pytest.raises(NotWritten):
            durable.read(tmp_path / name / "" if name == "." else tmp_path / name)
    for absent in ("nothing", "nothing/below"):
        with pytest.raises(FileNotFoundError):
            durable.read(tmp_path / absent)


def test_every_change_of_a_name_is_brought_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    brought: list[int] = []
    real = os.fsync

    def fsync(file: int) -> None:
        brought.append(os.fstat(file).st_ino)
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    here = tmp_path.stat().st_ino

    def last(act: Callable[[], None]) -> int:
        brought.clear()
        act()
        return brought[-1]

    assert last(lambda: durable.write(tmp_path / "a", b"", owner=OWN)) == here
    assert last(lambda: durable.link(tmp_path / "b", "a")) == here
    assert last(lambda: durable.remove(tmp_path / "a")) == here
    assert last(lambda: durable.directory(tmp_path / "c")) == here
    assert last(lambda: durable.private(tmp_path / "c", 0o711)) == (tmp_path / "c").stat().st_ino
    assert last(lambda: durable.sync(tmp_path)) == here
