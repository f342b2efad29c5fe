"""What is kept: whole, checked, and made again where it is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bailiwick.twin.stages.machine.cache import cache_directory, kept


class Maker:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self, directory: Path) -> None:
        self.times += 1
        (directory / "content").write_bytes(b"content" * self.times)


@pytest.fixture
def maker() -> Maker:
    return Maker()


def test_made_once(tmp_path: Path, maker: Maker) -> None:
    first = kept(tmp_path, "kernel", "6.1", maker)

    assert kept(tmp_path, "kernel", "6.1", maker) == first
    assert (maker.times, (first / "content").read_bytes()) == (1, b"content")


@pytest.mark.parametrize(
    "damage",
    [
        lambda directory: (directory / "content").write_bytes(b"contenX"),
        lambda directory: (directory / "content").unlink(),
        lambda directory: (directory / "sums.json").write_text("{"),
    ],
)
def test_damaged_is_made_again(tmp_path: Path, maker: Maker, damage: Callable[[Path], object]) -> None:
    damage(kept(tmp_path, "kernel", "6.1", maker))

    assert (kept(tmp_path, "kernel", "6.1", maker) / "content").read_bytes() == b"content" * 2


def test_what_is_no_longer_good_is_made_again(tmp_path: Path, maker: Maker) -> None:
    kept(tmp_path, "system", "a", maker)
    kept(tmp_path, "system", "a", maker, lambda _: False)

    assert maker.times == 2


def test_a_new_one_takes_the_place_of_others_of_its_kind(tmp_path: Path, maker: Maker) -> None:
    old = kept(tmp_path, "kernel", "6.1", maker)
    other = kept(tmp_path, "system", "a", maker)
    kept(tmp_path, "kernel", "6.2", maker)

    assert (old.exists(), other.exists()) == (False, True)


def test_what_was_left_half_made_is_swept(tmp_path: Path, maker: Maker) -> None:
    def fail(directory: Path) -> None:
        (directory / "half").write_text("half")
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        kept(tmp_path, "kernel", "6.1", fail)
    assert not (tmp_path / "kernel.6.1").exists()

    made = kept(tmp_path, "kernel", "6.1", maker)
    assert sorted(path.name for path in made.iterdir()) == ["content", "sums.json"]
    assert list(tmp_path.glob("partial.*")) == []


def test_it_lies_where_the_user_keeps_such_things(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_directory() == tmp_path / "bailiwick" / "machine"

    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # which the specification says to ignore
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_directory() == tmp_path / "home" / ".cache" / "bailiwick" / "machine"
