"""Which files are taken along, and under which names."""

from __future__ import annotations

import marshal
import os
import py_compile
from pathlib import Path

import pytest

from bailiwick.twin.stages.machine.selection import Selection, compiled


def test_a_link_is_taken_with_its_way_and_its_end(tmp_path: Path) -> None:
    real = tmp_path / "usr" / "bin"
    real.mkdir(parents=True)
    (real / "mawk").write_text("")
    (tmp_path / "bin").symlink_to("usr/bin")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "awk").symlink_to(tmp_path / "bin" / "mawk")
    (real / "awk").symlink_to("../../etc/awk")
    chosen = Selection()
    chosen.take(tmp_path / "bin" / "awk")

    assert chosen.files == {real / "mawk"}
    assert chosen.links == {
        tmp_path / "bin": "usr/bin",
        real / "awk": "../../etc/awk",
        tmp_path / "etc" / "awk": str(tmp_path / "bin" / "mawk"),
    }
    assert {real, tmp_path / "etc"} <= chosen.directories


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Selection().take(tmp_path / "nothing")


def test_a_change_shows(tmp_path: Path) -> None:
    one = tmp_path / "one.py"
    one.write_text("a = 1\n")
    chosen = Selection()
    chosen.take_python(tmp_path)
    before = chosen.states()
    os.utime(one, (1, 1))

    assert chosen.files == {one}
    assert chosen.states() != before


def test_python_finds_its_modules_compiled(tmp_path: Path) -> None:
    one = tmp_path / "one.py"
    one.write_text("a = 1\n")
    (tmp_path / "template.py").write_text("a = {{ value }\n")
    written = tmp_path / "by-python"
    py_compile.compile(str(one), cfile=str(written), doraise=True)
    code = compiled(one)

    assert code is not None
    assert code[:16] == written.read_bytes()[:16]
    assert marshal.loads(code[16:]) == marshal.loads(written.read_bytes()[16:])
    assert compiled(tmp_path / "template.py") is None
