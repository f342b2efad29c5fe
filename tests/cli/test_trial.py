from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Run


@pytest.mark.real
def test_try_answers_with_a_status_that_fits_what_was_seen(run: Run, home: Path, tmp_path: Path) -> None:
    done = run("try", "--format", "json", "--report", "report.html")
    answer = json.loads(done.stdout)
    result = answer["result"]
    assert answer["status"] == done.returncode == (0 if result["holds"] else 1), done.stderr
    assert result["packets"] > 100
    assert result["holds"] or result["differences"] or any(c["holds"] is False for c in result["checks"])
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "small: what was meant" in page


@pytest.mark.real
@pytest.mark.slow
def test_try_one_claim_alone_as_junit_and_leave_its_files(run: Run, home: Path, tmp_path: Path) -> None:
    claim = "policy:lan->router:ssh"
    done = run("try", "--only", claim, "--format", "junit", "--out", "left")

    suites = ElementTree.fromstring(done.stdout)
    claims = suites.find("./testsuite[@name='claims']")
    assert claims is not None, done.stderr
    assert [case.get("name") for case in claims.iter("testcase")] == [f"lan -> router: ssh [{claim}]"]
    assert done.returncode == (0 if suites.get("failures") == "0" else 1)
    assert (tmp_path / "left" / "junit.xml").read_text(encoding="utf-8") == done.stdout
    left = json.loads((tmp_path / "left" / "result.json").read_text(encoding="utf-8"))
    assert [one["id"] for one in left["result"]["claims"]] == [claim]
    assert "files are in left" in done.stderr


def test_a_claim_that_there_is_not_is_a_mistake_of_the_command_line(run: Run, home: Path) -> None:
    done = run("try", "--only", "policy:lan->router:shh")

    assert done.returncode == 2
    assert "There is no claim policy:lan->router:shh. Near it: policy:lan->router:ssh" in done.stderr
