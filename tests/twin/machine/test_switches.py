"""A hypervisor's bridge in a virtual machine, from its rendered files: right, and with one line of them changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from bailiwick.intent import mean
from bailiwick.language import loads
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.targets import render
from bailiwick.targets.artifact import Artifact
from bailiwick.twin import StageError, TwinResult
from bailiwick.twin.options import IN_A_MACHINE
from bailiwick.twin.stages.machine.performing import perform_each
from bailiwick.twin.stages.machine.watch import QEMU
from bailiwick.twin.trial import Aimed, aimed_at, judged
from tests.twin.machine.homes import hosted

pytestmark = [pytest.mark.real, pytest.mark.slow]

HOME = hosted("debian-13")
NETWORK = "/etc/systemd/network/10-bailiwick-{}"
Change = Callable[[str], str]


def instead(old: str, new: str) -> Change:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


FAULTS: dict[str, tuple[str, Change]] = {
    "nothing": ("br0.netdev", instead("br0", "br0")),
    "another PVID": ("tap-cloud.network", instead("=20", "=40")),
    "no filtering": ("br0.netdev", instead("VLANFiltering=yes", "VLANFiltering=no")),
    "a VLAN missing on the trunk": ("ens1.network", instead("[BridgeVLAN]\nVLAN=20\n", "")),
    "a default VLAN": ("br0.netdev", instead("DefaultPVID=none", "DefaultPVID=1")),
}


@pytest.fixture(scope="module")
def results() -> dict[str, TwinResult]:
    """All of them in one guest."""
    if shutil.which(QEMU) is None:
        pytest.skip(f"no {QEMU} here (Debian's package qemu-system-x86)")
    network = resolve(loads({"home.yaml": HOME}), date(2026, 1, 1)).network
    plan, intent = make_plan(network), mean(network)
    router, bridge = (one for one in render(plan) if one.device in {"gate", "hv"})
    options = replace(IN_A_MACHINE, limit=40, ready=30.0, just=("VLAN tables", "segments", "tags"))

    def aimed(name: str, change: Change) -> Aimed:
        def changed(artifact: Artifact) -> Artifact:
            wanted = artifact.path == NETWORK.format(name)
            return replace(artifact, text=change(artifact.text)) if wanted else artifact

        faulty = replace(bridge, artifacts=tuple(map(changed, bridge.artifacts)))
        return aimed_at(network, intent, plan, (router, faulty), options)

    every = {name: aimed(*fault) for name, fault in FAULTS.items()}
    try:
        seen = perform_each([one.script for one in every.values()], options.deadline)
    except StageError as error:
        if "could not be fetched" in str(error):
            pytest.skip(str(error))
        raise
    found = {}
    for (name, one), what in zip(every.items(), seen, strict=True):
        assert not isinstance(what, StageError), f"{name}: {what}"
        found[name] = judged(one, what)
    return found


def wrong(result: TwinResult) -> dict[str, str]:
    return {check.subject: check.seen for check in result.checks if check.holds is False}


def test_as_it_was_rendered_it_holds(results: dict[str, TwinResult]) -> None:
    result = results["nothing"]
    assert wrong(result) == {}
    assert result.holds
    checks = {check.subject: check for check in result.checks if check.holds}
    assert checks["VLANs of hv's ens1"].seen == "10, 20, 40 tagged"
    assert checks["VLANs of hv's tap-cloud"].seen == "20 untagged"
    assert "without a tag heard by" in checks["broadcasts from hv's ens2, tagged and not"].seen


def test_a_guest_in_another_zone_is_seen(results: dict[str, TwinResult]) -> None:
    found = wrong(results["another PVID"])
    assert found["VLANs of hv's tap-cloud"] == "40 untagged"
    assert "(zone:lan)" in found["broadcasts from hv's tap-cloud, tagged and not"]


def test_a_bridge_that_does_not_filter_is_seen(results: dict[str, TwinResult]) -> None:
    found = wrong(results["no filtering"])
    assert "heard by" in found["broadcasts from hv's ens2, tagged and not"]


def test_a_vlan_that_the_trunk_lacks_is_seen(results: dict[str, TwinResult]) -> None:
    found = wrong(results["a VLAN missing on the trunk"])
    assert found["VLANs of hv's ens1"] == "10, 40 tagged"
    assert found["broadcasts from hv's tap-cloud, tagged and not"] == "its own zone does not hear it either"


def test_a_default_vlan_is_seen(results: dict[str, TwinResult]) -> None:
    found = wrong(results["a default VLAN"])
    assert any("1 untagged" in seen for subject, seen in found.items() if subject.startswith("VLANs of hv's"))
