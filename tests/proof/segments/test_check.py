"""``bailiwick check`` of a home with switches: silent, proven with layer 2 in it, and told where it is not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bailiwick.report.proven import verdict
from bailiwick.workflow.building import build
from bailiwick.workflow.proving import prove_home
from tests.proof.segments.sample import HOME, Sample

pytestmark = [pytest.mark.real, pytest.mark.slow]


@pytest.fixture(scope="module")
def sample() -> Sample:
    return Sample.of(HOME)


@pytest.fixture
def home(tmp_path: Path, sample: Sample) -> Path:
    """The home file, with what is built of it beside it."""
    (tmp_path / "home.yaml").write_text(HOME, encoding="utf-8")
    build(sample.checked.trees, tmp_path / "out")
    return tmp_path


def run(*words: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "bailiwick", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
    return done.returncode, done.stdout, done.stderr


def test_a_sound_home_is_proven(home: Path) -> None:
    code, out, _ = run("check", str(home / "home.yaml"), "--rendered", str(home / "out"), "--format", "json")
    answer = json.loads(out)
    assert (code, answer["proven"]) == (0, True)
    assert answer["layer2"] == {"machines": ["hv", "sw"], "unseen": []}


def test_the_verdict_says_that_layer_2_is_in_it(sample: Sample) -> None:
    said = verdict(prove_home(sample.checked).proof)
    assert said.startswith("Proven: for every packet")
    assert said.endswith("each zone is a network of its own, whatever tags are sent through hv and sw.")


def test_a_fault_is_shown_with_both_places_and_its_way(home: Path) -> None:
    path = home / "out/hv/etc/systemd/network/10-bailiwick-ens2.network"
    path.write_text(path.read_text().replace("PVID=40\nEgressUntagged=40", "PVID=20\nEgressUntagged=20"))
    code, out, err = run("check", str(home / "home.yaml"), "--rendered", str(home / "out"))
    shown = out + err
    assert code == 1
    assert "error[proof-wire] Someone at hv/ens2 (zone lan) hears what the router (zone services) sends" in shown
    assert "gate/eth1 tagged 20 → hv/ens2." in shown
    assert "hv:/etc/systemd/network/10-bailiwick-ens2.network:" in shown


def test_a_build_without_a_switch_is_not_proven(home: Path) -> None:
    (home / "out/sw/bailiwick.rsc").unlink()
    (home / "out/sw").rmdir()
    code, out, err = run("check", str(home / "home.yaml"), "--rendered", str(home / "out"))
    assert code == 3
    assert "holds no files of sw" in out + err


def test_of_the_router_alone_nothing_is_said_of_the_others(home: Path) -> None:
    code, _, err = run("check", str(home / "home.yaml"), "--rendered", str(home / "out/gate"))
    assert code == 0
    assert "nothing is said of the VLANs of hv, sw" in err


def test_what_is_no_domain_is_refused_with_its_place(home: Path) -> None:
    path = home / "out/hv/etc/bailiwick/guests/cloud/domain.xml"
    path.write_text("<domain>")
    code, out, err = run("check", str(home / "home.yaml"), "--rendered", str(home / "out"))
    assert code != 0
    assert "hv:/etc/bailiwick/guests/cloud/domain.xml:1" in out + err


def test_an_audit_of_a_build_reads_the_switch_too(home: Path) -> None:
    _, out, err = run("audit", str(home / "out"))
    assert "sw/bailiwick.rsc: " in out, err
