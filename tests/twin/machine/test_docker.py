"""Docker on a guest of a hypervisor, in a virtual machine: its packets cross the bridge of the rendered files."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date

import pytest

from bailiwick.intent import mean
from bailiwick.language import loads
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.targets import render
from bailiwick.twin import StageError, try_network
from bailiwick.twin.acts.containers import KEPT, POLICY
from bailiwick.twin.options import CONTAINERS, IN_A_MACHINE
from bailiwick.twin.scene.docker import PAGE
from bailiwick.twin.stages.machine.cache import cache_directory
from bailiwick.twin.stages.machine.docker import archive
from bailiwick.twin.stages.machine.watch import QEMU
from tests.twin.machine.homes import hosted

HOME = hosted("debian-12", "cloud -> internet: web")


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.deep
def test_a_container_on_a_guest_obeys_the_policy_of_the_guest() -> None:
    if shutil.which(QEMU) is None:
        pytest.skip(f"no {QEMU} here (Debian's package qemu-system-x86)")
    try:
        archive(cache_directory())
    except StageError as error:
        pytest.skip(str(error))
    network = resolve(loads({"home.yaml": HOME}), date(2026, 1, 1)).network
    plan = make_plan(network)
    router, *others = render(plan)
    options = replace(IN_A_MACHINE, limit=2000, just=(CONTAINERS,), acts=(CONTAINERS,))
    result = try_network(network, mean(network), plan, router, options, others=others)
    checks = [check for check in result.checks if "ontainer" in check.subject or "Docker" in check.subject]

    assert {one.name: one.present for one in result.capabilities}["switches"]
    assert all("behind hv/tap-cloud" in check.subject for check in checks)
    assert [check.seen for check in checks] == [
        "answered by uplink:wan, which sees 81.2.69.10",
        *(KEPT, KEPT),  # out from an address of its own, and to another zone
        *(KEPT, PAGE.decode()),  # in from a zone that may not, and from one that may
        POLICY,
    ]
    assert result.holds
