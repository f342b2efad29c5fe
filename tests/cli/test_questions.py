"""``explain``, ``diff``, ``blast-radius`` and ``check --rendered`` as a person runs them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import HOME, Run

pytestmark = pytest.mark.real


def test_explain_follows_a_packet_that_passes_to_the_line_that_says_so(run: Run, home: Path) -> None:
    done = run("explain", "lan -> internet: https")
    assert done.returncode == 0, done.stderr
    assert "It passes from lan to wan." in done.stdout
    assert "Accepted by lan -> internet: web" in done.stdout
    assert "masquerade" in done.stdout


def test_explain_says_which_sentence_would_allow_what_is_dropped(run: Run, home: Path) -> None:
    done = run("explain", "lan -> router: https")
    assert done.returncode == 0, done.stderr
    assert "It is dropped, from lan to router." in done.stdout
    assert "under `policy:` would allow it: - lan -> router: https" in done.stdout


def test_explain_follows_one_of_each_where_some_pass(run: Run, home: Path) -> None:
    done = run("explain", "lan -> internet: https, ssh")
    assert "tcp/443" in done.stdout
    assert "tcp/22" in done.stdout


@pytest.mark.parametrize("words", [("explain", "lan -> internet: web"), ("blast-radius", "lan"), ("capture", "lan")])
def test_a_home_file_after_the_question_is_told_where_it_goes(run: Run, home: Path, words: tuple[str, str]) -> None:
    done = run(*words, home.name)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"The home file comes first: {home.name} " in done.stderr
    assert words[1] in done.stderr


def test_a_home_file_without_a_question_is_told_that_one_is_missing(run: Run, home: Path) -> None:
    home.rename(home.with_name("other.yaml"))
    done = run("explain", "other.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "other.yaml is the home file; what is asked about it comes after it." in done.stderr


def test_a_question_that_cannot_be_read_is_quoted(run: Run, home: Path) -> None:
    done = run("explain", "lan -> nowhere: ssh")
    assert done.returncode == 2
    assert "lan -> nowhere: ssh" in done.stderr
    assert "unknown-name" in done.stderr


def test_a_question_without_an_arrow_is_no_traceback(run: Run, home: Path) -> None:
    for words in ("lan", "lan ->", "- a", "{", "lan -> internet", ""):
        done = run("explain", words)
        assert done.returncode == 2, words
        assert "Traceback" not in done.stderr


def test_explain_as_json_has_every_step(run: Run, home: Path) -> None:
    done = run("explain", "lan -> internet: https", "--format", "json")
    explanation = json.loads(done.stdout)["explanations"][0]
    assert explanation["passes"]
    assert explanation["steps"][-1]["where"] == "routing"


def test_diff_tells_what_a_change_allows_and_denies(run: Run, home: Path) -> None:
    other = home.with_name("other.yaml")
    other.write_text(HOME.replace("lan -> internet: web", "lan -> internet: https, ssh"), encoding="utf-8")
    done = run("diff", "home.yaml", "other.yaml")
    assert done.returncode == 1, done.stderr
    allowed, denied = done.stdout.split("Newly denied")
    assert "tcp/22" in allowed
    assert "tcp/80" in denied


def test_diff_of_what_is_said_otherwise_finds_nothing(run: Run, home: Path) -> None:
    other = home.with_name("other.yaml")
    other.write_text(HOME.replace("lan -> internet: web", "lan -> internet: https, http"), encoding="utf-8")
    done = run("diff", "home.yaml", "other.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing changes in meaning" in done.stdout


def test_diff_against_a_revision_reads_what_git_has(run: Run, home: Path) -> None:
    for command in (
        ["init", "-q"],
        ["add", "home.yaml"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"],
    ):
        subprocess.run(["git", "-C", str(home.parent), *command], check=True)
    home.write_text(HOME.replace("lan -> internet: web", "lan -> internet: web, ssh"), encoding="utf-8")
    done = run("diff", "HEAD", "--format", "markdown")
    assert done.returncode == 1, done.stderr
    assert "**1 newly allowed, 0 newly denied**" in done.stdout
    assert run("diff", "no-such-revision").returncode == 2


def test_blast_radius_names_the_line_of_each_step(run: Run, home: Path) -> None:
    home.write_text(HOME.replace("hosts:\n", "hosts:\n  nas: {zone: lan, address: .9}\n"), encoding="utf-8")
    done = run("blast-radius", "nas")
    assert done.returncode == 0, done.stderr
    assert "home.yaml:10 lan -> internet: web" in " ".join(done.stdout.split())
    assert "No zone is spared." in done.stdout


def test_an_unknown_host_is_guessed(run: Run) -> None:
    example = Path(__file__).parents[2] / "examples" / "public-apps.yaml"
    done = run("blast-radius", str(example), "prox")
    assert done.returncode == 2
    assert "did you mean `proxy`?" in done.stderr


def test_check_of_changed_files_shows_the_packet_and_the_line(run: Run, home: Path) -> None:
    assert run("build", "built").returncode == 0
    firewall = next((home.parent / "built").rglob("firewall.nft"))
    text = firewall.read_text(encoding="utf-8")
    firewall.write_text(text.replace("ct state invalid drop", "ct state invalid accept", 1), encoding="utf-8")
    done = run("check", "--rendered", "built")
    assert done.returncode == 1
    assert "error[proof-reply]" in done.stderr
    assert "ct state invalid accept" in done.stderr


def test_check_of_a_directory_without_files_says_what_it_looked_for(run: Run, home: Path) -> None:
    (home.parent / "empty").mkdir()
    done = run("check", "--rendered", "empty")
    assert done.returncode == 3
    assert "etc" in done.stderr


def test_diff_compares_configurations_that_have_no_home_file(run: Run, tmp_path: Path) -> None:
    dump = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n{}COMMIT\n"
    rule = "-A FORWARD -i eth1 -o eth0 -p tcp -m tcp --dport {} -j ACCEPT\n"
    (tmp_path / "old.save").write_text(dump.format(rule.format(80)), encoding="utf-8")
    (tmp_path / "new.save").write_text(dump.format(rule.format(443)), encoding="utf-8")
    done = run("diff", "old.save", "new.save")
    assert done.returncode == 1, done.stderr
    allowed, denied = done.stdout.split("Newly denied")
    assert "tcp/443" in allowed
    assert "new.save:5" in allowed
    assert "tcp/80" in denied
    assert run("diff", "old.save", "old.save").returncode == 0
