"""The stage: nothing outlives it, and it needs no root."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bailiwick.twin import StageError, TwinOptions, try_network
from tests.twin.homes import home

ROOT = Path(__file__).parents[2]
NOBODY = 65534

RUN = """
import pickle, sys
from bailiwick.twin import try_network
one = pickle.load(open(sys.argv[1], "rb"))
result = try_network(*one)
print("holds" if not result.differences and result.observations else "differs")
"""


def processes() -> set[str]:
    """Command lines that only a stage has."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if "bailiwick.twin.inside" in line or "/etc/bailiwick/dnsmasq" in line:
                found.add(f"{entry.name} {line}")
    return found


@pytest.fixture
def script(tmp_path: Path) -> Path:
    one = home("one-router")
    tmp_path.chmod(0o755)
    path = tmp_path / "home"
    path.write_bytes(pickle.dumps((one.network, one.intent, one.plan, one.tree)))
    path.chmod(0o644)
    return path


@pytest.mark.real
def test_killed_in_the_middle_leaves_nothing(script: Path) -> None:
    before, mounts = processes(), Path("/proc/self/mounts").read_text()
    with subprocess.Popen([sys.executable, "-c", RUN, str(script)], stdout=subprocess.PIPE) as actor:
        started = time.monotonic()
        while not (processes() - before) and time.monotonic() - started < 20:
            time.sleep(0.02)
        assert processes() - before
        actor.send_signal(signal.SIGKILL)
    ended = time.monotonic()
    while processes() - before and time.monotonic() - ended < 10:
        time.sleep(0.05)
    assert processes() - before == set()
    assert Path("/proc/self/mounts").read_text() == mounts

    one = home("one-router")
    assert try_network(one.network, one.intent, one.plan, one.tree, TwinOptions()).observations


@pytest.mark.real
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_without_root(script: Path) -> None:
    setpriv = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "--no-new-privs"]
    done = subprocess.run(
        [*setpriv, sys.executable, "-c", RUN, str(script)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stderr, done.stdout) == ("", "holds\n")


@pytest.mark.real
def test_a_network_that_does_not_come_up_is_an_error(script: Path) -> None:
    path = "/etc/systemd/network/10-bailiwick-eth0.network"
    broken = home("one-router").changed(lambda text: text.replace("Address=192.168.11.254/24", ""), path)

    with pytest.raises(StageError, match=r"did not set 192\.168\.11\.254 on eth0"):
        try_network(broken.network, broken.intent, broken.plan, broken.tree)


def test_a_missing_tool_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda tool, path: None if tool == "nft" else f"/usr/sbin/{tool}")
    one = home("one-router")

    with pytest.raises(StageError, match="not found on this machine: nft"):
        try_network(one.network, one.intent, one.plan, one.tree)
