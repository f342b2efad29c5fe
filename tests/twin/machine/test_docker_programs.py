"""Where Docker's programs come from, and what is said where they cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from bailiwick.twin.stages.machine import docker
from bailiwick.twin.stages.machine.docker import PROGRAMS, TREE, programs
from bailiwick.twin.stages.namespaces import StageError


def test_without_apt_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(StageError, match="no apt-cache here"):
        programs(tmp_path)


def _given(monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]) -> None:
    def make(_versions: object, directory: Path) -> None:
        for place in ("bin", "sbin"):
            (directory / TREE / "usr" / place).mkdir(parents=True)
        for name in names:
            (directory / TREE / "usr/sbin" / name).touch()

    monkeypatch.setattr(docker, "_versions", lambda: {"docker.io": "1"})
    monkeypatch.setattr(docker, "_make", make)


def test_each_program_is_found_wherever_its_package_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _given(monkeypatch, (*PROGRAMS, "ctr"))

    assert {name: path.name for name, path in programs(tmp_path).items()} == {name: name for name in PROGRAMS}


def test_a_package_without_one_of_them_is_no_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _given(monkeypatch, tuple(name for name in PROGRAMS if name != "runc"))

    with pytest.raises(StageError, match="have no runc"):
        programs(tmp_path)
