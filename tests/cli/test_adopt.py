from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cases.blocks import input_files
from tests.cli.conftest import Run

pytestmark = [pytest.mark.real, pytest.mark.slow]

CASES = Path(__file__).parents[1] / "cases" / "adopt"


def given(case: str, folder: Path) -> list[str]:
    """The input files of a case, by their names."""
    files = input_files((CASES / f"{case}.md").read_text(encoding="utf-8"))
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return list(files)


def test_equal_is_0_and_the_file_passes_check(run: Run, tmp_path: Path) -> None:
    done = run("adopt", *given("linux-nft", tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("Compiled, it lets pass exactly the new connections that the router does.\n")
    check = run("check", "home.yaml")
    assert (check.returncode, check.stdout + check.stderr) == (0, "")


def test_a_difference_is_1_and_stands_in_the_file_too(run: Run, tmp_path: Path) -> None:
    done = run("adopt", *given("tunnel", tmp_path), "--output", "mine.yaml")
    assert done.returncode == 1
    assert "Newly denied\n" in done.stdout
    assert "wan -> router\n    icmp\n" in done.stdout
    assert "#   wan -> router\n#     icmp\n" in (tmp_path / "mine.yaml").read_text(encoding="utf-8")
    assert not (tmp_path / "home.yaml").exists()


def test_one_json_object(run: Run, tmp_path: Path) -> None:
    done = run("adopt", *given("doors", tmp_path), "--format", "json")
    answer = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (1, "")
    assert (answer["command"], answer["status"], answer["file"]) == ("adopt", 1, "home.yaml")
    assert answer["adoption"]["compiled"] and not answer["adoption"]["same"]
    assert answer["adoption"]["differences"]["same"]
    assert not answer["adoption"]["shut"]["same"]
    assert answer["adoption"]["left"] == []


def test_a_file_that_is_there_is_left_alone(run: Run, home: Path) -> None:
    before = home.read_bytes()
    done = run("adopt", *given("linux-nft", home.parent))
    assert done.returncode == 2
    assert "home.yaml exists; it is left as it is." in done.stderr
    assert home.read_bytes() == before


@pytest.mark.parametrize("case", ["no-addresses", "no-configuration", "two-routers", "broken-off"])
def test_what_is_no_router_is_2_and_leaves_no_file(run: Run, tmp_path: Path, case: str) -> None:
    done = run("adopt", *given(case, tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home.yaml").exists()


def test_zones_are_called_as_one_says(run: Run, tmp_path: Path) -> None:
    done = run("adopt", *given("linux-nft", tmp_path), "--zone", "family=lan0")
    assert done.returncode == 0
    assert "\n  family: {subnet: 192.168.10.0/24}\n" in (tmp_path / "home.yaml").read_text(encoding="utf-8")
