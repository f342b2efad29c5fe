"""A claim tried again by hand: what is said of it, and the script."""

from __future__ import annotations

import stat
import subprocess
from dataclasses import replace
from pathlib import Path

from bailiwick.cli.handout import hand_out
from bailiwick.report.replay import SHOWN, replay_script, replay_text
from bailiwick.workflow.trial import Trial


def test_what_is_sent_and_where_it_should_come_out(refuted: Trial) -> None:
    one = refuted.result.refutations[0]
    text = replay_text(replace(refuted.result, observations=(one.observation,))).splitlines()

    sent = "zone.lan.a sends lan 192.168.10.7 -> things 192.168.20.9 tcp/443"
    assert text[0] == f"{sent}: should arrive at things; dropped, seen nowhere"
    assert f"{one.claim.id}: refuted, seen nowhere" in text


def test_contrary_packets_are_shown_before_others(refuted: Trial) -> None:
    one = refuted.result.refutations[0].observation
    fine = replace(one, seen=one.expected, detail="fine")
    lines = replay_text(replace(refuted.result, observations=(fine,) * (SHOWN + 1) + (one,))).splitlines()

    assert lines[0].endswith("seen nowhere")
    assert lines[SHOWN] == "… and 2 more packets"


def test_the_script_runs_that_claim_alone(refuted: Trial, tmp_path: Path) -> None:
    said = tmp_path / "said"
    fake = tmp_path / "fake"
    fake.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {said}\n')
    fake.chmod(0o755)
    script = tmp_path / "one.sh"
    script.write_text(replay_script(Path("/srv/my home's/home.yaml"), refuted.result.refutations[0]))
    environment = {"BAILIWICK": str(fake), "PATH": "/usr/bin:/bin"}
    subprocess.run(["sh", str(script), "--report", "x"], check=True, env=environment)

    claim = refuted.result.refutations[0].claim.id
    assert said.read_text().splitlines() == ["try", "/srv/my home's/home.yaml", "--only", claim, "--report", "x"]


def test_every_line_of_what_is_told_is_a_comment(refuted: Trial) -> None:
    one = refuted.result.refutations[0]
    script = replay_script(Path("/home.yaml"), replace(one, why="first\nrm -rf second"))

    assert [line for line in script.splitlines() if not line.startswith("#")] == [script.splitlines()[-1]]


def test_the_directory_holds_one_of_each_and_nothing_of_before(refuted: Trial, good: Trial, tmp_path: Path) -> None:
    files = hand_out(refuted, Path("home.yaml"), tmp_path)

    names = sorted(path.name for path in tmp_path.iterdir())
    assert names[0] == "junit.xml"
    assert [name.partition("-policy")[0] for name in names[1:3]] == ["refuted-01", "refuted-01"]
    assert [Path(name).suffix for name in names[1:]] == [".pcapng", ".sh", ".json"]
    assert sorted(files) == sorted(tmp_path.iterdir())
    assert (tmp_path / names[2]).stat().st_mode & stat.S_IXUSR

    hand_out(good, Path("home.yaml"), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["junit.xml", "result.json"]
