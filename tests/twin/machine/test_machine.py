"""Trials in a virtual machine, with Debian's kernel."""

from __future__ import annotations

import pickle
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bailiwick.twin import StageError, TwinResult, try_network
from bailiwick.twin.options import IN_A_MACHINE
from bailiwick.twin.stages.machine.cache import cache_directory
from bailiwick.twin.stages.machine.cpio import Archive
from bailiwick.twin.stages.machine.kernel import Kernel, kernel
from bailiwick.twin.stages.machine.watch import QEMU, Hardware, Silent, machine
from tests.twin.homes import trunks
from tests.twin.test_stage import command_of, descendants

pytestmark = [pytest.mark.real, pytest.mark.slow]

RUN = """
import pickle, sys
from bailiwick.twin import try_network
from bailiwick.twin.options import IN_A_MACHINE
try_network(*pickle.load(sys.stdin.buffer), IN_A_MACHINE)
"""


@pytest.fixture(scope="module")
def core() -> Kernel:
    """Debian's kernel, from the cache or from the mirror."""
    if shutil.which(QEMU) is None:
        pytest.skip(f"no {QEMU} here (Debian's package qemu-system-x86)")
    try:
        return kernel(cache_directory())
    except StageError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def trial(core: Kernel) -> TwinResult:
    """A home whose zones are VLANs on one port."""
    one = trunks()
    return try_network(one.network, one.intent, one.plan, one.tree, IN_A_MACHINE)


def test_a_home_holds_there(trial: TwinResult) -> None:
    assert trial.holds
    assert trial.stage.startswith("a virtual machine (")
    assert "Linux 6." in trial.stage
    assert [one.name for one in trial.untried] == []


def test_leases_are_given_there(trial: TwinResult) -> None:
    assert trial.leases
    assert all(lease.holds for lease in trial.leases)


def test_a_guest_that_panics_is_reported_with_its_console(core: Kernel) -> None:
    with (
        machine(Hardware(), core.image, (b"",)) as guest,
        pytest.raises(Silent, match=r"ended by itself; (.|\n)*Kernel panic"),
    ):
        guest.listen(time.monotonic() + 90, "did not start")


def test_one_that_never_says_hello_is_ended(core: Kernel) -> None:
    archive = Archive()
    archive.file("/init", b"#!/no/such\n", 0o755)
    with machine(Hardware(), core.image, (archive.done(),)) as guest:
        with pytest.raises(Silent, match="did not start"):
            guest.listen(time.monotonic() + 0.2, "did not start")
        assert guest.process.poll() is None
    assert guest.process.poll() is not None


def test_killed_in_the_middle_leaves_nothing(core: Kernel) -> None:
    one = trunks()
    script = pickle.dumps((one.network, one.intent, one.plan, one.tree))
    with subprocess.Popen([sys.executable, "-c", RUN], stdin=subprocess.PIPE) as actor:
        assert actor.stdin is not None
        actor.stdin.write(script)
        actor.stdin.close()
        there: set[Path] = set()
        for _ in range(2000):
            there |= descendants(actor.pid)
            if any("qemu" in command_of(process) for process in there):
                break
            time.sleep(0.02)
        names = {command_of(process).strip() for process in there}
        actor.send_signal(signal.SIGKILL)
    for _ in range(3000):
        if not any(process.exists() for process in there):
            break
        time.sleep(0.02)

    assert any("qemu" in name for name in names)
    assert [process for process in there if process.exists()] == []
    assert list(cache_directory().glob("partial.*")) == []
