"""The program as a person runs it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.apply.stub import PROGRAM
from tests.cli.device import FACTS, WAITING, Device

Run = Callable[..., "subprocess.CompletedProcess[str]"]

HOME = """\
name: small
uplinks:
  wan: {interface: router/eth0, address: dhcp}
zones:
  lan: {subnet: 192.168.10.0/24, dhcp: {range: .100-.199}}
hosts:
  router: {router: linux, ports: {eth1: lan}}
policy:
  - lan -> internet: web
  - lan -> router: ssh
dns: {upstreams: [9.9.9.9]}
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run ``bailiwick`` in ``tmp_path`` with the given arguments."""

    def go(*args: str, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS", "PYTHONUTF8")}
        return subprocess.run(
            [sys.executable, "-m", "bailiwick", *args],
            cwd=tmp_path,
            env={**kept, "LC_ALL": "C.UTF-8", **environment},
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    return go


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A small home file where every command looks for it."""
    path = tmp_path / "home.yaml"
    path.write_text(HOME, encoding="utf-8")
    return path


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    place = tmp_path / "device"
    place.mkdir()
    ssh = tmp_path / "bin" / "ssh"
    ssh.parent.mkdir()
    ssh.write_text(f'#!/bin/sh\nexec {sys.executable} -I {PROGRAM} {place} "$@"\n')
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{ssh.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Device(place)


@pytest.fixture
def fresh(device: Device) -> Device:
    """Nothing of ours is there; everything goes well."""
    device.says("facts", FACTS).says("drift", {"digest": "ab", "differences": []})
    device.says("preflight", {"findings": []}).says("live", {"digest": "ab", "listing": {}})
    device.says("stage", {"number": 1}).says("begin", {"began": True})
    device.says("progress", {"line": 1, "at": 1, "step": "switch", "text": "files"}, {"window": WAITING})
    device.says("confirm", {"confirmed": 1, "text": "generation 1 is confirmed"})
    return device
