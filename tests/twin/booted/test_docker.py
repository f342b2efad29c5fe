"""Docker on a host of a zone, where systemd boots the router: a stock daemon, on Debian's own kernel."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from bailiwick.twin import StageError, try_network
from bailiwick.twin.acts.containers import KEPT, POLICY
from bailiwick.twin.options import CONTAINERS, IN_A_BOOTED_ONE
from bailiwick.twin.scene.docker import PAGE
from bailiwick.twin.stages.booted.root import root
from bailiwick.twin.stages.machine.cache import cache_directory
from bailiwick.twin.stages.machine.kernel import kernel
from bailiwick.twin.stages.machine.watch import QEMU
from tests.twin.homes import hosted


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.deep
def test_a_container_obeys_the_policy_of_its_host() -> None:
    one = hosted()
    if shutil.which(QEMU) is None:
        pytest.skip(f"no {QEMU} here (Debian's package qemu-system-x86)")
    try:
        root(cache_directory(), one.plan.platform, kernel(cache_directory()), docker=True)
    except StageError as error:
        pytest.skip(str(error))
    options = replace(IN_A_BOOTED_ONE, limit=2000, acts=(CONTAINERS,))
    result = try_network(one.network, one.intent, one.plan, one.tree, options)
    seen = [check.seen for check in result.checks if "ontainer" in check.subject or "Docker" in check.subject]

    assert result.holds
    assert seen == [
        "answered by uplink:wan, which sees 81.2.69.10",
        *(KEPT, KEPT),  # out from an address of its own, and to another zone
        *(KEPT, PAGE.decode()),  # in from a zone that may not, and from one that may
        POLICY,
    ]
