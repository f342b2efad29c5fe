"""Secrets come from files that are their owner's alone, and stand quoted in the files that bear them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bailiwick.apply.secrets import SecretsMissing, check_keys, read_secrets, written
from bailiwick.network.model import WireguardPeer


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    return tmp_path / "home.yaml"


def put(home: Path, name: str, data: bytes, mode: int = 0o600) -> Path:
    path = home.parent / "secrets" / name
    path.write_bytes(data)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("data", [b"word", b"word\n", b"word\r\n"])
def test_a_secret_is_its_file_without_the_line_break(home: Path, data: bytes) -> None:
    put(home, "pppoe", data)

    assert read_secrets(home, ["pppoe"]) == {"pppoe": "word"}


def test_spaces_are_part_of_it(home: Path) -> None:
    put(home, "pppoe", b" two words \n")

    assert read_secrets(home, ["pppoe"]) == {"pppoe": " two words "}


@pytest.mark.parametrize(
    ("data", "mode", "words"),
    [
        (b"word", 0o640, "chmod 600"),
        (b"word", 0o604, "chmod 600"),
        (b"", 0o600, "is empty"),
        (b"\n", 0o600, "is empty"),
        (b"one\ntwo\n", 0o600, "control characters"),
        (b"a\0b", 0o600, "control characters"),
        (b"\xff\xfe", 0o600, "no text"),
        (b"x" * 70000, 0o600, "too long"),
    ],
)
def test_what_cannot_be_used_is_refused(home: Path, data: bytes, mode: int, words: str) -> None:
    put(home, "pppoe", data, mode)
    with pytest.raises(SecretsMissing, match=words) as caught:
        read_secrets(home, ["pppoe"])

    assert "one\ntwo" not in str(caught.value)


def test_all_that_is_missing_is_told_at_once(home: Path) -> None:
    with pytest.raises(SecretsMissing) as caught:
        read_secrets(home, ["one", "two", "one"])

    assert [problem.split()[2] for problem in caught.value.problems] == ["one", "two"]


def test_a_link_is_not_followed_and_a_directory_is_none(home: Path) -> None:
    target = put(home, "other", b"word")
    (home.parent / "secrets" / "pppoe").symlink_to(target)
    (home.parent / "secrets" / "folder").mkdir(mode=0o700)
    with pytest.raises(SecretsMissing) as caught:
        read_secrets(home, ["pppoe", "folder"])

    assert len(caught.value.problems) == 2


def test_quotes_and_backslashes_are_escaped() -> None:
    assert written('a"b\\c') == 'a\\"b\\\\c'


OURS, THEIRS = "kM4iQ1H2kB2o5c8b8uS1oQ3o7Q0l2n4p6r8t0v2x4z8=", "Uml6ImUUDG5rz0W1TJiaMrKKo/zFcC6EqHkfXjyXG+E="
TUNNEL = WireguardPeer("vpn", THEIRS, "de1.vpn.example", 51820, (), 25)


def test_a_key_that_can_be_one() -> None:
    check_keys({"vpn": OURS, "pppoe": "word"}, [TUNNEL])


def test_a_shared_key_is_one_too() -> None:
    with pytest.raises(SecretsMissing, match="The secret shared is no WireGuard key"):
        check_keys({"vpn": OURS, "shared": "word"}, [replace(TUNNEL, preshared_key="shared")])


def test_a_tunnel_of_another_device_asks_for_nothing() -> None:
    check_keys({"pppoe": "word"}, [TUNNEL])


@pytest.mark.parametrize(
    ("value", "words"),
    [("not the word", "no WireGuard key"), (OURS[:-4], "no WireGuard key"), (THEIRS, "the provider's public key")],
)
def test_a_key_that_is_none_is_told_and_not_shown(value: str, words: str) -> None:
    with pytest.raises(SecretsMissing, match=words) as caught:
        check_keys({"vpn": value}, [TUNNEL])

    assert value not in str(caught.value)
