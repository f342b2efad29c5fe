"""Generations on a disk: whole, never changed, and what happens to them is told."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from bailiwick.agent.disk import durable, record
from bailiwick.agent.disk.store import Damaged, Refused, Store
from bailiwick.agent.model import ORIGIN, Generation
from bailiwick.agent.places import Places
from tests.agent.store.making import SMALL, made
from tests.agent.store.writer import WAITING


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(Places(tmp_path))


def test_what_is_staged_is_read_back(store: Store) -> None:
    staged = store.stage(made(SMALL), SMALL)

    assert staged.number == 1
    assert store.generation(1) == staged
    assert {path: store.content(1, path) for path in SMALL} == SMALL
    assert store.numbers() == (1,)
    store.verify(1)


def test_the_origin_is_a_generation_without_files(store: Store) -> None:
    assert store.confirmed() == ORIGIN
    assert store.generation(ORIGIN) == Generation(ORIGIN, "", "")
    store.verify(ORIGIN)
    assert store.numbers() == ()


def test_confirmed_moves_forth_and_back(store: Store) -> None:
    store.stage(made(SMALL), SMALL)
    store.stage(made(SMALL), SMALL)
    for number in (1, 2, 1, 0):
        store.confirm(number)
        assert store.confirmed() == number


def test_none_that_is_not_there_is_confirmed(store: Store) -> None:
    with pytest.raises(Refused, match="no generation 7"):
        store.confirm(7)
    assert store.confirmed() == ORIGIN


def test_numbers_are_never_given_twice(store: Store) -> None:
    for _ in range(3):
        store.stage(made(SMALL), SMALL)
    store.discard(3)
    store.discard(2)

    assert store.stage(made(SMALL), SMALL).number == 4
    assert store.numbers() == (1, 4)


def test_a_confirmed_generation_is_never_written_again(store: Store) -> None:
    store.stage(made(SMALL), SMALL)
    store.confirm(1)
    before = written(store, 1)

    for _ in range(12):
        store.stage(made(SMALL), SMALL)
    store.verify(1)
    store.prune(keep=2)
    store.confirm(13)
    store.confirm(1)

    assert written(store, 1) == before
    assert store.numbers() == (1, 12, 13)


def written(store: Store, number: int) -> dict[str, tuple[int, int, int]]:
    top = store.places.generations / str(number)
    found = {str(path): path.stat() for path in (top, *top.rglob("*"))}
    return {path: (status.st_ino, status.st_mtime_ns, status.st_size) for path, status in found.items()}


def test_what_is_needed_is_not_discarded(store: Store) -> None:
    for _ in range(5):
        store.stage(made(SMALL), SMALL)
    store.confirm(1)
    record.save(store.places, replace(WAITING, old=1, new=3))

    for number in (1, 3):
        with pytest.raises(Refused, match=f"generation {number} is needed"):
            store.discard(number)
    with pytest.raises(Refused, match="no generation 9"):
        store.discard(9)
    assert store.prune(keep=1) == (2, 4)
    assert store.numbers() == (1, 3, 5)
    assert store.prune(keep=0) == (5,)


BAD: dict[str, tuple[Generation, dict[str, bytes]]] = {
    "does not fit its sum": (made(SMALL), {**SMALL, "/etc/sysctl.d/60-x.conf": b"net.x = 2\n"}),
    "no content for /etc/sysctl.d": (made(SMALL), {"/etc/bailiwick/firewall.nft": b""}),
    "/etc/more is not among its files": (made(SMALL), {**SMALL, "/etc/more": b""}),
    "listed twice": (replace(made(SMALL), files=made(SMALL).files * 2), SMALL),
    "as a directory of another": (made(both := {"/etc/a": b"", "/etc/a/b": b""}), both),
    "has no user 'nobody-like-that'": (made(SMALL, owner="nobody-like-that:root"), SMALL),
    "has mode 666": (made(SMALL, mode=0o666), SMALL),
    "has mode 4755": (made(SMALL, mode=0o4755), SMALL),
    "form 99": (replace(made(SMALL), format=99), SMALL),
    **{
        f"{path!r} is no plain": (made({path: b""}), {path: b""})
        for path in ("etc/a", "/", "", "/etc/../a", "/etc//a", "/etc/", "/etc/./a", "/etc/" + "a" * 201)
    },
    "control character": (made({"/etc/a\nb": b""}), {"/etc/a\nb": b""}),
    "where Bailiwick keeps its own": (made(ours := {"/var/lib/bailiwick/confirmed": b""}), ours),
}


@pytest.mark.parametrize("why", BAD)
def test_what_cannot_be_a_generation_is_refused(store: Store, why: str) -> None:
    generation, contents = BAD[why]

    with pytest.raises(Refused, match=re.escape(why)):
        store.stage(generation, contents)
    assert not store.places.state.exists()


DAMAGES: dict[str, Callable[[Path], object]] = {
    r"files/etc/bailiwick/firewall.nft is missing": lambda top: (top / "files/etc/bailiwick/firewall.nft").unlink(),
    r"/etc/bailiwick/firewall.nft is not what was written": lambda top: flip(top / "files/etc/bailiwick/firewall.nft"),
    r"firewall.nft has mode 644": lambda top: (top / "files/etc/bailiwick/firewall.nft").chmod(0o644),
    r"files/etc has mode 755": lambda top: (top / "files/etc").chmod(0o755),
    r"files/etc/more does not belong": lambda top: (top / "files/etc/more").write_bytes(b""),
    r"more does not belong": lambda top: (top / "more").mkdir(),
    r"firewall.nft is no file": lambda top: linked(top / "files/etc/bailiwick/firewall.nft"),
    r"generation.json is missing": lambda top: (top / "generation.json").unlink(),
    r"SHA256SUMS is missing": lambda top: (top / "SHA256SUMS").unlink(),
    r"generation.json is not what was written": lambda top: swap(top / "generation.json", "debian-13", "debian-12"),
    r"generation 1: ": lambda top: flip(top / "generation.json"),
    r"generation.json is not": lambda top: flip(top / "SHA256SUMS"),
    r"newer Bailiwick": lambda top: swap(top / "generation.json", '"format": 1', '"format": 2'),
}


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def swap(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def linked(path: Path) -> None:
    path.rename(path.parents[5] / "elsewhere")
    path.symlink_to(path.parents[5] / "elsewhere")


@pytest.mark.parametrize("what", DAMAGES)
def test_damage_is_told_by_name(store: Store, what: str) -> None:
    store.stage(made(SMALL), SMALL)
    store.verify(1)

    DAMAGES[what](store.places.generations / "1")

    with pytest.raises(Damaged, match=f"^generation 1: .*{what}|^{what}"):
        store.verify(1)


def test_every_flipped_byte_is_found(store: Store) -> None:
    store.stage(made(SMALL), SMALL)
    for path in sorted(one for one in (store.places.generations / "1").rglob("*") if one.is_file()):
        data = path.read_bytes()
        for place in range(0, len(data), 7):
            path.write_bytes(data[:place] + bytes([data[place] ^ 0x20]) + data[place + 1 :])
            with pytest.raises(Damaged):
                store.verify(1)
        path.write_bytes(data)
    store.verify(1)


@pytest.mark.real
def test_a_person_can_verify_it_by_hand(store: Store) -> None:
    store.stage(made(SMALL), SMALL)

    subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=store.places.generations / "1", check=True)


@pytest.mark.real
@pytest.mark.skipif(os.geteuid() != 0, reason="gives a file away")
def test_a_file_of_another_owner_is_told(store: Store) -> None:
    store.stage(made(SMALL), SMALL)
    os.chown(store.places.generations / "1/files/etc/sysctl.d/60-x.conf", 65534, 0)

    with pytest.raises(Damaged, match=r"60-x.conf belongs to nobody:root"):
        store.verify(1)


@pytest.mark.parametrize("target", ["generations/x", "/etc", "generations/1/..", "../generations/1", "generations/01"])
def test_a_pointer_to_elsewhere_is_damage(store: Store, target: str) -> None:
    store.stage(made(SMALL), SMALL)
    store.places.confirmed.symlink_to(target)

    with pytest.raises(Damaged, match="is no generation"):
        store.confirmed()


@pytest.mark.parametrize(
    "planted", ["", "generations", "generations/last", "generations/.staging", "generations/.lock", "confirmed"]
)
def test_planted_links_are_never_followed(store: Store, tmp_path: Path, planted: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"theirs")
    durable.directory(store.places.generations)
    place = store.places.state / planted
    if place.is_dir():
        shutil.rmtree(place)
    place.symlink_to(outside / "file" if planted.endswith(("last", "lock")) else outside)

    with suppress(Refused, Damaged, durable.NotWritten):
        store.stage(made(SMALL), SMALL)
        store.confirm(1)
        store.prune(keep=0)

    assert {path.name: path.is_file() and path.read_bytes() for path in outside.rglob("*")} == {"file": b"theirs"}


def test_everything_is_for_root_alone(store: Store) -> None:
    durable.directory(store.places.state)
    store.places.state.chmod(0o755)

    store.stage(made(SMALL), SMALL)

    # Daemons with users of their own pass through the topmost to theirs; they cannot list it.
    assert stat.S_IMODE(store.places.state.stat().st_mode) == 0o711
    for path in store.places.state.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize("lacking", ["f_bavail", "f_favail"])
def test_space_is_looked_for_before_anything_is_written(
    store: Store, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    real = os.statvfs("/")
    fields = {name: getattr(real, name) for name in dir(real) if name.startswith("f_")}
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(**{**fields, "f_files": 9, lacking: 1}))

    with pytest.raises(Refused, match="are needed"):
        store.stage(made(SMALL), SMALL)
    assert store.numbers() == ()


def test_room_is_kept_for_the_way_back(store: Store) -> None:
    contents = {"/etc/big": b"x" * 1_000_000}
    store.stage(made(contents), contents)

    store.reserve(1)
    store.reserve(1)
    assert (store.places.state / "reserve").stat().st_blocks * 512 >= 1_000_000
    store.release()
    store.release()
    assert not (store.places.state / "reserve").exists()


def test_what_cannot_be_brought_to_the_disk_is_as_it_was(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last fsync, of the directory whose names changed, fails: what the disk has is not known, so it is undone."""
    store.stage(made(SMALL), SMALL)
    store.stage(made(SMALL), SMALL)
    store.confirm(1)
    real = os.fsync

    def refusing(path: Path) -> Callable[[int], None]:
        def fsync(file: int) -> None:
            if os.fstat(file).st_ino == path.stat().st_ino and armed and armed.pop():
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            real(file)

        return fsync

    armed = [True]
    monkeypatch.setattr(os, "fsync", refusing(store.places.state))
    with pytest.raises(durable.NotWritten, match="Input/output error"):
        store.confirm(2)
    assert store.confirmed() == 1

    armed = [True, False, False]  # not at what is written before the directory has its name
    monkeypatch.setattr(os, "fsync", refusing(store.places.generations))
    with pytest.raises(durable.NotWritten, match="Input/output error"):
        store.stage(made(SMALL), SMALL)
    assert store.numbers() == (1, 2)
