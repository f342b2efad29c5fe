"""The stage: nothing outlives it, and it needs no root."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import bailiwick
from bailiwick.twin import StageError, TwinOptions, try_network
from tests.twin.apart import apart
from tests.twin.homes import small

NOBODY = 65534

RUN = """
import pickle, sys
from bailiwick.twin import try_network
one = pickle.load(sys.stdin.buffer)
result = try_network(*one)
print("holds" if result.holds and result.observations else "differs")
"""


def descendants(process: int) -> set[Path]:
    """Everything that a process has started, as the kernel's directories of them."""
    found: set[Path] = set()
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended
            for child in listed.read_text().split():
                found |= {Path("/proc") / child, *descendants(int(child))}
    return found


def command_of(process: Path) -> str:
    """What the kernel calls a process; nothing for one that has ended."""
    try:
        return (process / "comm").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


@pytest.fixture
def script() -> bytes:
    one = small()
    return pickle.dumps((one.network, one.intent, one.plan, one.tree))


@pytest.mark.real
def test_killed_in_the_middle_leaves_nothing(script: bytes) -> None:
    with apart() as place:
        mounts = place.mounts
        with subprocess.Popen(
            [*place.inside, sys.executable, "-c", RUN], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        ) as actor:
            assert actor.stdin is not None
            actor.stdin.write(script)
            actor.stdin.close()
            there: set[Path] = set()
            for _ in range(3000):
                there |= descendants(actor.pid)
                if any("dnsmasq" in command_of(one) for one in there):
                    break
                time.sleep(0.02)
            actor.send_signal(signal.SIGKILL)
        for _ in range(3000):
            if not any(one.exists() for one in there):
                break
            time.sleep(0.02)
        assert len(there) >= 4  # unshare, the stage's init, networkd, dnsmasq
        assert [one for one in there if one.exists()] == []
        assert place.mounts == mounts

    one = small()
    assert try_network(one.network, one.intent, one.plan, one.tree, TwinOptions()).holds


@pytest.fixture
def for_all() -> Iterator[Path]:
    """The program and the libraries that it imports, where anybody can read them, wherever and however they lie."""
    libraries = [one for one in Path(sysconfig.get_path("purelib")).iterdir() if "mypy" not in one.name]
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        copy = ("cp", "-r", "--no-preserve=mode", "-t", place, "--", str(Path(bailiwick.__file__).parent))
        subprocess.run([*copy, *map(str, libraries)], check=True, umask=0o022)
        yield Path(place)


def opened_to_all() -> list[str]:
    """A command's beginning that lets anybody reach this interpreter, also one in a directory of its owner's alone."""
    parents = reversed(Path(sys.executable).resolve().parents)
    closed = next((parent for parent in parents if not parent.stat().st_mode & 0o001), None)
    if closed is None:
        return []
    script = 'mount --rbind "$2" /mnt && mount -t tmpfs -o mode=755 tmpfs "$1" && mkdir -p "$2" && '
    script += 'mount --rbind /mnt "$2" && shift 2 && exec "$@"'
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", str(closed), sys.base_prefix]


@pytest.mark.real
@pytest.mark.skipif(os.geteuid() != 0, reason="whoever is not root tries this with every test")
def test_without_root(script: bytes, for_all: Path) -> None:
    nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"]
    done = subprocess.run(
        [*opened_to_all(), *nobody, str(Path(sys.executable).resolve()), "-c", RUN],
        input=script,
        env={**os.environ, "PYTHONPATH": str(for_all)},
        capture_output=True,
        check=False,
        timeout=240,
    )
    assert (done.stderr, done.stdout) == (b"", b"holds\n")


@pytest.mark.real
def test_a_network_that_does_not_come_up_is_an_error() -> None:
    path = "/etc/systemd/network/10-bailiwick-eth2.network"
    broken = small().changed(lambda text: text.replace("Address=192.168.30.1/24", ""), path)

    with pytest.raises(StageError, match=r"did not set .*192\.168\.30\.1 on eth2"):
        try_network(broken.network, broken.intent, broken.plan, broken.tree, TwinOptions(ready=4.0))


def test_a_missing_tool_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda tool, path: None if tool == "nft" else f"/usr/sbin/{tool}")
    one = small()

    with pytest.raises(StageError, match="not found on this machine: nft"):
        try_network(one.network, one.intent, one.plan, one.tree)
