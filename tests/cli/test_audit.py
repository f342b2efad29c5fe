from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bailiwick.cli.status import Status

pytestmark = pytest.mark.slow

ARTICLES = Path(__file__).parents[1] / "audit"
SECOND = [str(ARTICLES / f"article-{name}.txt") for name in ("iptables-save", "ip-addr", "ip-route")]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bailiwick", "audit", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)


def test_an_audit_answers_and_fails_for_what_it_finds() -> None:
    done = run(*SECOND)
    assert done.returncode == Status.FAILS, done.stderr
    assert done.stdout.startswith("From outside, ens4u1c2")
    assert "high[accept-anything]" in done.stdout
    assert "24 understood, 0 unknown, 4 ignored" in done.stdout


def test_the_severity_decides_about_the_exit_status(tmp_path: Path) -> None:
    file = tmp_path / "rules"
    file.write_text("*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n")
    assert run(str(file)).returncode == Status.HOLDS
    assert run(str(file), "--severity", "note").returncode == Status.HOLDS
    assert run(*SECOND, "--severity", "high").returncode == Status.FAILS


def test_the_answer_as_json_and_as_a_page(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = run(*SECOND, "--format", "json", "--report", str(page))
    answer = json.loads(done.stdout)
    (device,) = answer["devices"]
    assert (answer["command"], answer["status"]) == ("audit", 1)
    assert {one["code"] for one in device["findings"]} >= {"accept-anything", "rule-twice"}
    assert device["matrix"]["rows"] == ["zone:eth0", "zone:tun0", "uplink:ens4u1c2", "unknown"]
    assert device["not_shown"] == 0
    text = page.read_text()
    assert "accept-anything" in text
    assert "-A FORWARD -m state ! --state INVALID -j ACCEPT" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([__file__], "none of the files"),
        ([*SECOND, "--zone", "home"], "NAME=INTERFACE"),
        ([*SECOND, "--zone", "home=eth9"], "no interface eth9"),
        ([*SECOND, "--outside", "eth9"], "no interface eth9"),
        ([*SECOND, "--services", "gopher"], "gopher"),
        (["/nowhere"], "/nowhere"),
        ([], "FILE"),
    ],
)
def test_what_cannot_be_answered_is_an_error_with_a_sentence(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert done.returncode == Status.INPUT
    assert said in done.stderr
    assert "Traceback" not in done.stderr
