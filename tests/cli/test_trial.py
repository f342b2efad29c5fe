from __future__ import annotations

import json
from pathlib import Path

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
