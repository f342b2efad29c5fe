from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bailiwick.plan.guests import GuestMachine
from bailiwick.plan.switching import VlanBridge
from bailiwick.targets.linux.hypervisor.preflight import preflight
from tests.targets.hypervisor.machine_plans import BRIDGE, CLOUD, GUESTS, PORTS
from tests.targets.linux.private_stage import on_stage


def needs(plan: VlanBridge = BRIDGE, guests: tuple[GuestMachine, ...] = GUESTS) -> list[str]:
    return [line for line in preflight(plan, guests)[0].text.splitlines() if line and not line.startswith("#")]


def test_only_what_the_plan_needs_is_looked_for() -> None:
    for need in ("kernel bridge-vlan", "kernel vlan", "kernel tun", "kernel matchall", "kernel kvm"):
        assert need in needs()
    plain = replace(BRIDGE, ports=PORTS[:1], mirrors=(), management=None, user="")
    assert needs(plain, ()) == [
        "systemd 252",
        "program bridge iproute2",
        "kernel bridge-vlan",
        "card ens1 52:54:00:00:00:01 -",
    ]


def test_cards_are_looked_for_by_what_ties_them() -> None:
    assert "card ens2 - pci-0000:02:00.0" in needs()
    assert "card ens3 - -" in needs()
    assert not any(need.startswith("card tap-") for need in needs())
    assert "usb 0b95:1790 gate" in needs()
    assert "pci 0000:03:00.1 gate" in needs()


def test_every_need_leads_to_who_has_it() -> None:
    artifact = preflight(BRIDGE, GUESTS)[0]
    number = artifact.text.splitlines().index("usb 0b95:1790 gate") + 1
    assert artifact.lines[number] == ("guest:gate",)


def said(script: str, tmp_path: Path, plan: VlanBridge = BRIDGE) -> tuple[list[str], list[str]]:
    """What the script says to itself and what the preflight says is missing."""
    done = on_stage(preflight(plan, (CLOUD,)), tmp_path, script)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines(), done.stderr.splitlines()


@pytest.mark.real
def test_the_missing_option_of_the_kernel_is_named(tmp_path: Path) -> None:
    """By a stand-in for ``ip`` that refuses what a kernel without the option would."""
    script = """
mkdir /run/bin
printf '#!/bin/sh\ncase "$*" in *vlan_filtering*|*"type vlan"*) exit 2 ;; *) exit 0 ;; esac\n' >/run/bin/ip
printf '#!/bin/sh\nexit 0\n' >/run/bin/tc
chmod +x /run/bin/*
PATH=/run/bin:$PATH /usr/lib/bailiwick/preflight || echo "status $?"
"""
    out, missing = said(script, tmp_path)
    assert out == ["status 1"]
    named = [line for line in missing if "CONFIG_" in line and "/dev/" not in line]
    assert named == [
        "preflight: the kernel's bridge filters no VLANs (CONFIG_BRIDGE_VLAN_FILTERING)",
        "preflight: the kernel has no 802.1Q interfaces (CONFIG_VLAN_8021Q, module 8021q)",
    ]


@pytest.mark.real
def test_a_card_that_is_not_there_is_named(tmp_path: Path) -> None:
    script = """
ip link add ens1 address 52:54:00:00:00:01 type veth peer name other
ip link add ens4 type dummy 2>/dev/null || ip link add ens4 type veth peer name p4
/usr/lib/bailiwick/preflight || true
"""
    _, missing = said(script, tmp_path)
    cards = [line for line in missing if "no card" in line]
    assert cards == [
        "preflight: there is no card ens2 at pci-0000:02:00.0",
        "preflight: there is no card ens3",
    ]


@pytest.mark.real
def test_a_guest_needs_a_disk_or_what_it_is_made_from(tmp_path: Path) -> None:
    script = """
images=/var/lib/libvirt/images; mkdir -p $images
/usr/lib/bailiwick/preflight 2>/run/one || true; grep -c "disk of cloud" /run/one
for file in cloud debian-12; do
    : >$images/$file.qcow2; /usr/lib/bailiwick/preflight 2>/run/two || true; grep -c "disk of" /run/two || true
    rm $images/$file.qcow2
done
"""
    out, _ = said(script, tmp_path)
    assert out == ["1", "0", "0"]


@pytest.mark.real
def test_a_need_that_nobody_knows_is_an_error_of_its_own(tmp_path: Path) -> None:
    script = """
for need in 'kernel warp' 'magic 3'; do
    echo "$need" >/run/needs; code=0
    /usr/lib/bailiwick/preflight /run/needs || code=$?; echo "$code"
done
echo 'program sh dash' >/run/needs; /usr/lib/bailiwick/preflight /run/needs; echo "$?"
"""
    out, missing = said(script, tmp_path)
    assert out == ["2", "2", "0"]
    assert len(missing) == 2
