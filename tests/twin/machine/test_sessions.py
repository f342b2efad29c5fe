"""A PPPoE uplink and a WireGuard tunnel that carry traffic: rendered pppd files, a provider's server, the kernel."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from bailiwick.twin import StageError, TwinResult, try_network
from bailiwick.twin.options import IN_A_MACHINE
from bailiwick.twin.result import Fate
from bailiwick.twin.stages.machine.cache import cache_directory
from bailiwick.twin.stages.machine.kernel import kernel
from bailiwick.twin.stages.machine.watch import QEMU
from tests.twin.homes import sessions

pytestmark = [pytest.mark.real, pytest.mark.slow]

TOOLS = {QEMU: "qemu-system-x86", "pppd": "ppp", "pppoe-server": "pppoe", "wg": "wireguard-tools"}
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture(scope="module")
def trial() -> TwinResult:
    for tool, package in TOOLS.items():
        if shutil.which(tool, path=PATH) is None:
            pytest.skip(f"no {tool} here (Debian's package {package})")
    try:
        kernel(cache_directory())
    except StageError as error:
        pytest.skip(str(error))
    one = sessions()
    return try_network(one.network, one.intent, one.plan, one.tree, replace(IN_A_MACHINE, limit=2000))


def test_nothing_stands_in_for_the_session_and_the_tunnel(trial: TwinResult) -> None:
    present = {one.name: one.note for one in trial.capabilities if one.present}

    assert {one.name for one in trial.untried} == {"every packet"}
    assert "pppd" in present["PPPoE"]
    assert "WireGuard" in present["tunnel"]


def test_what_was_meant_is_what_passes_through_them(trial: TwinResult) -> None:
    assert trial.differences == ()
    assert [check for check in trial.checks if check.differs] == []
    assert [entry for entry in trial.loaded if entry.found is False] == []
    for uplink in ("uplink:wan", "uplink:out"):
        out = [one for one in trial.observations if one.packet.egress == uplink and one.packet.ingress == "zone:lan"]
        assert any(one.seen is Fate.ARRIVED for one in out), uplink


def test_pppd_runs_on_the_rendered_files(trial: TwinResult) -> None:
    units = {entry.subject: entry.found for entry in trial.loaded if entry.subject.startswith("unit ")}

    assert units["unit bailiwick-pppoe-wan.service"] is True


def test_the_only_thing_not_seen_is_what_the_kernel_does_not_tell(trial: TwinResult) -> None:
    """Linux before 6.2 leaves a VLAN's number in a packet that it has taken out of a PPPoE session, then misses the
    Ethernet header that should be around it, and traces nothing (``nf_trace_fill_ll_header``)."""
    unsure = {check.subject for check in trial.checks if check.holds is None}

    assert unsure <= {"the rules that decide what comes from wan"}
