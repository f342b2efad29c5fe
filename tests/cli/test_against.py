"""``plan --against``: what an import would do, and how it answers what is no export."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run
from tests.targets.routeros.homes import home as routeros_home


def test_a_script_is_held_against_an_export(run: Run, tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text(routeros_home("routeros"), encoding="utf-8")
    (tmp_path / "now.rsc").write_text("# by RouterOS 7.20\n/ip pool add name=x ranges=10.0.0.1\n", encoding="utf-8")
    done = run("plan", "--against", "now.rsc")
    assert done.returncode == 0, done.stderr
    assert "now.rsc:2: /ip pool add name=x" in done.stdout
    told = json.loads(run("plan", "--against", "now.rsc", "--format", "json").stdout)
    assert [one["before"] for one in told["against"]["left"]] == ["now.rsc:2"]
    assert told["device"] == "gate"


def test_what_would_stop_it_fails(run: Run, tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text(routeros_home("routeros"), encoding="utf-8")
    (tmp_path / "now.rsc").write_text("# by RouterOS 7.20\n/interface bridge add name=bridge\n", encoding="utf-8")
    done = run("plan", "--against", "now.rsc")
    assert done.returncode == 1
    assert "now.rsc:2: it is without a comment of ours, and in the way of /interface bridge" in done.stdout


def test_a_home_without_routeros_has_nothing_to_hold(run: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "now.rsc").write_text("# by RouterOS 7.20\n/ip pool add name=x ranges=10.0.0.1\n", encoding="utf-8")
    done = run("plan", "--against", "now.rsc")
    assert done.returncode == 2
    assert "router is no device of the home file's that runs RouterOS" in done.stderr
