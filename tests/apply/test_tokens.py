"""The word that confirms is kept for its owner alone, by home file and device."""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from bailiwick.apply.tokens import Token, forget, keep, kept, new_word, state_directory


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def token(home: Path, device: str = "gate", number: int = 3) -> Token:
    return Token(str(home.absolute()), device, "gate", number, new_word())


def test_it_is_kept_and_found_by_its_home_file(tmp_path: Path) -> None:
    home, other = tmp_path / "home.yaml", tmp_path / "other.yaml"
    one = token(home)
    path = keep(one)
    keep(token(other))

    assert kept(home) == (one,)
    assert kept(home, "gate") == (one,)
    assert kept(home, "hv") == ()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_relative_path_is_the_same_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = token(tmp_path / "home.yaml")
    keep(one)
    monkeypatch.chdir(tmp_path)

    assert kept(Path("home.yaml")) == (one,)


def test_a_later_apply_s_word_takes_the_place_of_the_earlier(tmp_path: Path) -> None:
    home = tmp_path / "home.yaml"
    keep(token(home))
    second = token(home, number=4)
    keep(second)

    assert kept(home) == (second,)


def test_of_several_devices_the_newest_is_first(tmp_path: Path) -> None:
    home = tmp_path / "home.yaml"
    gate, hv = token(home), token(home, "hv")
    os.utime(keep(gate), (100, 100))
    os.utime(keep(hv), (200, 200))

    assert kept(home) == (hv, gate)


def test_it_is_forgotten(tmp_path: Path) -> None:
    one = token(tmp_path / "home.yaml")
    keep(one)
    forget(one)
    forget(one)

    assert kept(tmp_path / "home.yaml") == ()


def test_what_is_no_token_is_passed_by(tmp_path: Path) -> None:
    one = token(tmp_path / "home.yaml")
    keep(one)
    (state_directory() / "torn.token").write_text('{"home": "')

    assert kept(tmp_path / "home.yaml") == (one,)


def test_the_device_is_told_a_digest_and_no_two_words_are_the_same(tmp_path: Path) -> None:
    one, other = token(tmp_path), token(tmp_path)

    assert one.digest == sha256(one.word.encode()).hexdigest()
    assert one.word != other.word
    assert len(one.word) >= 32


def test_a_state_directory_that_is_no_absolute_path_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "relative")

    assert state_directory() == Path.home() / ".local/state/bailiwick"
