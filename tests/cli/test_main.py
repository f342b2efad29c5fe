from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bailiwick.cli.main import COMMANDS, main, program
from tests.cli.conftest import Run


def test_help_lists_every_command_and_loads_nothing_heavy() -> None:
    script = (
        "import sys; sys.argv = ['bailiwick', '--help']\n"
        "from bailiwick.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert all(name in done.stdout for name in COMMANDS)
    assert not {"pydantic", "yaml", "rich", "jinja2", "subprocess"} & set(done.stdout.splitlines()[-1].split())


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_help(run: Run, name: str) -> None:
    done = run(name, "--help")
    assert done.returncode == 0
    assert "Usage: bailiwick" in done.stdout


def test_a_mistyped_command_gets_a_guess(run: Run) -> None:
    done = run("chek")
    assert done.returncode == 2
    assert "Did you mean check?" in done.stderr


def test_no_traceback_when_the_defect_is_ours(run: Run, home: Path, tmp_path: Path) -> None:
    """A module that cannot be imported stands for any mistake of our own."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "yaml.py").write_text("raise ArithmeticError('planted')", encoding="utf-8")
    done = run("check", PYTHONPATH=str(tmp_path / "broken"), TMPDIR=str(tmp_path))
    assert done.returncode == 70
    assert "Traceback" not in done.stderr + done.stdout
    assert "a defect in bailiwick" in done.stderr
    (details,) = tmp_path.glob("bailiwick-defect-*.txt")
    assert str(details) in done.stderr
    assert "planted" in details.read_text(encoding="utf-8")
    assert details.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("click", "raise KeyboardInterrupt"),
        ("yaml", "raise KeyboardInterrupt"),
        ("yaml", "exec('raise KeyboardInterrupt')"),
    ],
    ids=["at the start", "later", "in code read from text"],
)
def test_ctrl_c_ends_with_130_at_any_moment(run: Run, home: Path, tmp_path: Path, module: str, planted: str) -> None:
    (tmp_path / "planted").mkdir()
    (tmp_path / "planted" / f"{module}.py").write_text(planted, encoding="utf-8")
    done = run("check", PYTHONPATH=str(tmp_path / "planted"))
    assert done.returncode == 130
    assert done.stderr.split() == ["interrupted"]


def test_what_the_world_refuses_is_said_in_words_with_3(run: Run, home: Path) -> None:
    done = run("plan", "--svg", "no/such/place.svg")
    assert done.returncode == 3
    assert done.stderr == "error: no/such/place.svg: no such file or directory\n"


def test_ctrl_c_ends_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "main", interrupt)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_a_reader_that_goes_early_is_no_error(home: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m bailiwick reference | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=home.parent)
    assert (done.returncode, done.stderr) == (0, "")
