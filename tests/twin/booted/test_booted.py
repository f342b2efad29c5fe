"""A router that systemd boots: its units, its links, its packets; and a unit that cannot start."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from bailiwick.twin import StageError, TwinResult, try_network
from bailiwick.twin.options import IN_A_BOOTED_ONE
from bailiwick.twin.stages.booted.root import root
from bailiwick.twin.stages.machine.cache import cache_directory
from bailiwick.twin.stages.machine.kernel import kernel
from bailiwick.twin.stages.machine.watch import QEMU
from tests.twin.homes import Home, sessions

pytestmark = [pytest.mark.real, pytest.mark.slow]

UNIT = "/etc/systemd/system/bailiwick-dnsmasq@.service"
FAR_TOO_NARROW = ("SystemCallFilter=@system-service\n", "SystemCallFilter=@clock\n")


def _tried(one: Home) -> TwinResult:
    if shutil.which(QEMU) is None:
        pytest.skip(f"no {QEMU} here (Debian's package qemu-system-x86)")
    try:
        root(cache_directory(), one.plan.platform, kernel(cache_directory()))
    except StageError as error:
        pytest.skip(str(error))
    return try_network(one.network, one.intent, one.plan, one.tree, replace(IN_A_BOOTED_ONE, limit=2000))


@pytest.fixture(scope="module")
def trial() -> TwinResult:
    return _tried(sessions())


def test_every_unit_is_active_and_none_has_failed(trial: TwinResult) -> None:
    said = {check.subject: check for check in trial.checks if check.subject.startswith("systemd: ")}

    assert {f"systemd: {unit}" for unit in (*sessions().tree.enable, *sessions().tree.disable)} < said.keys()
    assert [check for check in said.values() if not check.holds] == []
    assert said["systemd: bailiwick-pppoe-wan.service"].seen == "active (running)"
    assert said["systemd: failed units"].seen == "none"


def test_networkd_has_configured_every_link_that_is_its_own(trial: TwinResult) -> None:
    links = {check.subject: check.seen for check in trial.checks if check.subject.startswith("networkctl: ")}

    assert links == {f"networkctl: {name}": "configured" for name in ("eth0", "eth0.7", "eth1", "eth2")}


def test_what_runs_is_what_was_rendered(trial: TwinResult) -> None:
    assert [entry for entry in trial.loaded if entry.found is False] == []
    assert sum("nftables" in entry.subject or "chain" in entry.subject for entry in trial.loaded) > 20
    assert sum(entry.subject.startswith("setting ") for entry in trial.loaded) > 20


def test_packets_names_and_leases_are_as_meant(trial: TwinResult) -> None:
    assert trial.holds
    assert {one.expected for one in trial.observations} == {one.seen for one in trial.observations}
    assert trial.leases
    assert all(lease.holds for lease in trial.leases)
    assert any(check.subject.startswith("DNS ") and check.holds for check in trial.checks)
    assert {one.name for one in trial.untried} == {"every packet"}
    assert trial.stage.startswith("a virtual machine (emulated) that systemd boots: Debian's bookworm")


@pytest.mark.deep
def test_a_daemon_that_its_sandbox_does_not_let_start_is_told() -> None:
    """Namespaces start the same command without the unit's sandbox, and see nothing of it."""
    result = _tried(sessions().changed(lambda text: text.replace(*FAR_TOO_NARROW), UNIT))
    wrong = {check.subject: check.seen for check in result.checks if check.differs}

    assert "systemd: bailiwick-dnsmasq@main.service" in wrong
    assert "systemd: failed units" in wrong or "activating" in wrong["systemd: bailiwick-dnsmasq@main.service"]
    assert not result.holds
