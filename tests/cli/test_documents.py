"""What the documents show is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bailiwick.cli.main import COMMANDS
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_home_file_of_the_readme_checks_without_a_word(run: Run, tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(name: home\n.*?)```", README, re.S)
    (tmp_path / "home.yaml").write_text(text, encoding="utf-8")
    done = run("check")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_readme_names_commands_that_exist() -> None:
    named = set(re.findall(r"bailiwick ([a-z][a-z-]+)", README.split("## Two commands")[1]))
    assert named - {"with"} <= set(COMMANDS)
    assert {"init", "check", "plan", "try", "build"} <= named


@pytest.mark.parametrize("page", ["README.md", "docs/ARCHITECTURE.md", "docs/decisions/README.md"])
def test_links_within_the_repository_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


def test_the_shell_completes_commands(run: Run) -> None:
    done = run(_BAILIWICK_COMPLETE="bash_complete", COMP_WORDS="bailiwick ma", COMP_CWORD="1")
    assert done.stdout == "plain,matrix\n"


def test_the_lock_names_no_place_to_fetch_from() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|--(extra-)?index-url|--find-links", lock)
    pins = [line for line in lock.splitlines() if line and line[0] not in "# "]
    assert pins
    assert all("==" in pin for pin in pins)
