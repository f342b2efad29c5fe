"""A hypervisor's bridge in a virtual machine, from its rendered files: right, and with one line of them changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace

import pytest

from bailiwick.twin import StageError, TwinResult
from bailiwick.twin.options import IN_A_MACHINE
from bailiwick.twin.stages.machine.performing import perform_each
from bailiwick.twin.stages.machine.watch import QEMU
from bailiwick.twin.trial import Aimed, aimed_at, judged
from tests.twin.homes import FIREWALL, Home, home_of, native
from tests.twin.machine.homes import hosted

pytestmark = [pytest.mark.real, pytest.mark.slow]

NETWORK = "/etc/systemd/network/10-bailiwick-{}"
Change = Callable[[str], str]


def home() -> Home:
    return home_of(hosted("debian-13"))


def instead(old: str, new: str) -> Change:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


FAULTS: dict[str, tuple[Callable[[], Home], str, Change]] = {
    "nothing": (home, "br0.netdev", instead("br0", "br0")),
    "another PVID": (home, "tap-cloud.network", instead("=20", "=40")),
    "no filtering": (home, "br0.netdev", instead("VLANFiltering=yes", "VLANFiltering=no")),
    "a VLAN missing on the trunk": (home, "ens1.network", instead("[BridgeVLAN]\nVLAN=20\n", "")),
    "a default VLAN": (home, "br0.netdev", instead("DefaultPVID=none", "DefaultPVID=1")),
    "a native VLAN": (native, "br0.netdev", instead("br0", "br0")),
    "a native VLAN, and tags taken": (native, FIREWALL, instead(', "tap-nas"', "")),
}


@pytest.fixture(scope="module")
def results() -> dict[str, TwinResult]:
    """All of them in one guest."""
    if shutil.which(QEMU) is None:
        pytest.skip(f"no {QEMU} here (Debian's package qemu-system-x86)")
    options = replace(IN_A_MACHINE, limit=40, ready=30.0, just=("VLAN tables", "segments", "tags"))

    every: dict[str, Aimed] = {}
    for name, (whole, file, change) in FAULTS.items():
        path = file if file.startswith("/") else NETWORK.format(file)
        one = whole().changed(change, f"hv:{path}")
        every[name] = aimed_at(one.network, one.intent, one.plan, (one.tree, *one.others), options)
    try:
        seen = perform_each([one.script for one in every.values()], options.deadline)
    except StageError as error:
        if "could not be fetched" in str(error):
            pytest.skip(str(error))
        raise
    found = {}
    for (name, script), what in zip(every.items(), seen, strict=True):
        assert not isinstance(what, StageError), f"{name}: {what}"
        found[name] = judged(script, what)
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


def test_two_tags_lead_out_of_no_native_trunk(results: dict[str, TwinResult]) -> None:
    result = results["a native VLAN"]
    assert wrong(result) == {}
    checks = {check.subject: check for check in result.checks if check.holds}
    assert checks["VLANs of hv's ens1"].seen == "10, 50 tagged; 40 untagged"
    assert "without a tag heard by" in checks["broadcasts from hv's tap-nas, tagged and not"].seen
    rules = [one for one in result.loaded if one.place.startswith(f"hv:{FIREWALL}:")]
    assert rules
    assert all(one.found for one in rules)


def test_a_port_that_takes_its_own_tag_is_a_way_into_other_zones(results: dict[str, TwinResult]) -> None:
    found = wrong(results["a native VLAN, and tags taken"])
    seen = found.pop("broadcasts from hv's tap-nas, tagged and not")
    for outer in (0, 40):
        assert f"tag 50 in tag {outer}: heard by" in seen
    assert "(zone:iot)" in seen
    assert found == {}
