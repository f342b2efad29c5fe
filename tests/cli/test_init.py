from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_the_usual_home_checks_without_a_word(run: Run, tmp_path: Path) -> None:
    made = run("init", "--defaults")
    assert made.returncode == 0
    assert "from \\ to" in made.stdout
    checked = run("check")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert (tmp_path / "home.yaml").read_text(encoding="utf-8").count("#") > 5


def test_five_questions_answered(run: Run, tmp_path: Path) -> None:
    made = run("init", stdin="villa\nwan0\npppoe\nme@isp\nlan0\nlan, iot, guest\nlan\n")
    assert made.returncode == 0, made.stderr
    text = (tmp_path / "home.yaml").read_text(encoding="utf-8")
    assert "name: villa" in text
    assert "user: me@isp" in text
    assert "lan0: {native: lan, trunk: [iot, guest]}" in text


def test_an_existing_file_is_never_overwritten(run: Run, home: Path) -> None:
    before = home.read_bytes()
    done = run("init", "--defaults")
    assert done.returncode == 2
    assert home.read_bytes() == before


def test_an_end_of_input_leaves_no_file(run: Run, tmp_path: Path) -> None:
    done = run("init", stdin="villa\n")
    assert done.returncode == 130
    assert not (tmp_path / "home.yaml").exists()


def test_a_nonsense_answer_is_a_diagnostic_not_a_file(run: Run, tmp_path: Path) -> None:
    done = run("init", "--defaults", "--name", "Über uns!")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home.yaml").exists()
