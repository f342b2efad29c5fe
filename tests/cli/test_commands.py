from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import HOME, Run


def test_check_says_nothing_when_all_is_well(run: Run, home: Path) -> None:
    done = run("check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("example", ["one-router", "public-apps"])
def test_check_says_nothing_of_the_examples(run: Run, example: str) -> None:
    path = Path(__file__).parents[2] / "examples" / f"{example}.yaml"
    done = run("check", str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_broken_file_is_quoted_with_its_place_and_ends_with_2(run: Run, home: Path) -> None:
    home.write_text(HOME.replace("subnet", "subnett"), encoding="utf-8")
    done = run("check")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "home.yaml:5:9" in done.stderr
    assert "subnett" in done.stderr


def test_what_resolving_finds_is_quoted_too(run: Run, home: Path) -> None:
    home.write_text(HOME.replace("-> internet", "-> elsewhere"), encoding="utf-8")
    done = run("check")
    assert done.returncode == 2
    assert "  - lan -> elsewhere: web" in done.stderr


def test_a_test_that_the_policy_contradicts_fails_with_1_and_both_lines(run: Run, home: Path) -> None:
    home.write_text(HOME + "tests:\n  deny:\n    - lan -> router: ssh\n", encoding="utf-8")
    done = run("check")
    assert done.returncode == 1
    assert "test-contradicted" in done.stderr
    assert "10 |   - lan -> router: ssh" in done.stderr, "the policy's line"
    assert "home.yaml:14:" in done.stderr, "the test's line"


def test_an_accept_test_that_nothing_fulfils_fails_with_1(run: Run, home: Path) -> None:
    home.write_text(HOME + "tests:\n  accept:\n    - lan -> router: https\n", encoding="utf-8")
    done = run("check")
    assert done.returncode == 1
    assert "tcp/443" in done.stderr


def test_a_missing_file_names_the_way_to_a_first_one(run: Run) -> None:
    done = run("check")
    assert done.returncode == 2
    assert "bailiwick init" in done.stderr


def test_plan_prints_the_flows(run: Run, home: Path) -> None:
    done = run("plan")
    assert done.returncode == 0
    assert "lan -> router" in done.stdout


def test_matrix_prints_words(run: Run, home: Path) -> None:
    done = run("matrix")
    assert done.returncode == 0
    assert "web" in done.stdout
    assert "\x1b[" not in done.stdout, "no colour into a pipe"


def test_plan_draws_the_network(run: Run, home: Path, tmp_path: Path) -> None:
    assert run("plan", "--svg", "net.svg").returncode == 0
    assert (tmp_path / "net.svg").read_text(encoding="utf-8").startswith("<svg ")


@pytest.mark.parametrize("command", [["check"], ["plan"], ["matrix"], ["build", "out"]])
def test_json_is_one_object_with_the_status(run: Run, home: Path, command: list[str]) -> None:
    done = run(*command, "--format", "json")
    answer = json.loads(done.stdout)
    assert (answer["bailiwick"], answer["command"], answer["status"]) == (1, command[0], done.returncode)
    assert done.stderr == ""


def test_json_holds_the_diagnostics(run: Run, home: Path) -> None:
    home.write_text(HOME.replace("subnet", "subnett"), encoding="utf-8")
    done = run("check", "--format", "json")
    answer = json.loads(done.stdout)
    assert answer["status"] == done.returncode == 2
    assert {found["span"]["line"] for found in answer["diagnostics"]} == {5}


def test_build_takes_the_directory_alone_or_after_the_file(run: Run, home: Path, tmp_path: Path) -> None:
    assert run("build", "one").returncode == 0
    assert run("build", "home.yaml", "two").returncode == 0
    listed = [sorted(str(p.relative_to(tmp_path / d)) for p in (tmp_path / d).rglob("*")) for d in ("one", "two")]
    assert listed[0] == listed[1] != []


def test_build_refuses_a_directory_of_other_things_with_3(run: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("keep", encoding="utf-8")
    done = run("build", "out")
    assert done.returncode == 3
    assert "letter.txt" in done.stderr
    assert (tmp_path / "out" / "letter.txt").read_text(encoding="utf-8") == "keep"


def test_schema_is_json_and_reference_is_markdown(run: Run) -> None:
    assert "properties" in json.loads(run("schema").stdout)
    assert run("reference").stdout.startswith("#")


def test_every_listed_error_has_a_page(run: Run) -> None:
    listed = run("explain-error")
    codes = [line.split()[0] for line in listed.stdout.splitlines()]
    assert "test-contradicted" in codes
    assert run("explain-error", "test-contradicted").returncode == 0


def test_an_unknown_error_code_gets_a_guess(run: Run) -> None:
    done = run("explain-error", "test-contradictd")
    assert done.returncode == 2
    assert "did you mean test-contradicted?" in done.stderr


@pytest.mark.parametrize(
    ("form", "start"),
    [("markdown", "### small: who reaches what\n"), ("svg", "<svg "), ("html", "<!doctype html>"), ("json", "{")],
)
def test_matrix_has_every_form(run: Run, home: Path, form: str, start: str) -> None:
    done = run("matrix", "--format", form)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(start)
    assert "web" in done.stdout


def test_the_matrix_page_quotes_the_line_behind_a_cell(run: Run, home: Path) -> None:
    done = run("matrix", "--format", "html")
    assert "<code>- lan -&gt; router: ssh</code>" in done.stdout
    assert "home.yaml:10" in done.stdout


def test_matrix_has_hosts_and_groups_on_demand(run: Run, home: Path) -> None:
    desk = "  desk: {zone: lan, address: .7}\n  lamp: {zone: lan, address: .8}\ngroups: {pair: [desk, lamp]}\n"
    text = HOME.replace("policy:\n", f"{desk}policy:\n  - desk -> router: https\n  - pair -> internet: ntp\n")
    home.write_text(text, encoding="utf-8")
    assert "desk" not in run("matrix").stdout.replace("from desk", "")
    answer = json.loads(run("matrix", "--hosts", "--groups", "pair", "--format", "json").stdout)
    assert answer["matrix"]["parts"] == [
        {"place": "host:desk", "of": "zone:lan"},
        {"place": "host:lamp", "of": "zone:lan"},
    ]
    cells = {(cell["from"], cell["to"]): cell for cell in answer["matrix"]["cells"]}
    assert cells["host:desk", "router"]["services"] == ["https", "ssh"]
    assert cells["host:lamp", "router"]["as_zone"] is True
    assert cells["group:pair", "internet"]["services"] == ["ntp", "web"]
    assert run("matrix", "--groups", "all").stdout == run("matrix", "--groups", "pair").stdout


def test_a_group_that_the_home_does_not_have_is_a_mistake_of_the_command_line(run: Run, home: Path) -> None:
    home.write_text(HOME + "groups: {phones: [192.168.10.64/28]}\n", encoding="utf-8")
    done = run("matrix", "--groups", "phone")
    assert done.returncode == 2
    assert "did you mean `phones`?" in done.stderr
