"""The trees of the machines beside the router, whole."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bailiwick.targets import manifest, render
from bailiwick.targets.artifact import Tree
from tests.targets.hypervisor.machine_plans import BRIDGE, GUESTS, PLAN, SWITCH


def machines() -> tuple[Tree, ...]:
    return render(PLAN)[1:3]


def test_the_router_comes_first_then_machines_then_sheets() -> None:
    assert [tree.device for tree in render(PLAN)] == ["gate", "hv", "sw", "ap"]


def test_a_tree_is_the_same_twice_and_every_line_leads_to_the_home_file() -> None:
    assert [manifest(tree) for tree in machines()] == [manifest(tree) for tree in machines()]
    for tree in machines():
        paths = [artifact.path for artifact in tree.artifacts]
        assert paths == sorted(set(paths))
        for artifact in tree.artifacts:
            assert artifact.text.endswith("\n")
            lines = artifact.text.splitlines()
            assert all(1 <= number <= len(lines) and lines[number - 1].strip() for number in artifact.lines)
            assert {i for ids in artifact.lines.values() for i in ids} <= set(tree.spans)


def test_every_file_that_a_running_machine_holds_says_how_it_is_taken_up() -> None:
    read_when_needed = (
        "/usr/lib/bailiwick/",
        "/etc/bailiwick/TAKE-OVER.md",
        "/etc/bailiwick/needs",
        "/etc/resolv.conf",
    )
    for artifact in machines()[0].artifacts:
        assert artifact.reload or artifact.path.startswith(read_when_needed), artifact.path


def test_the_reload_commands_are_ours_or_the_systems() -> None:
    ours = {artifact.path for artifact in machines()[0].artifacts if artifact.mode == 0o755}
    for artifact in machines()[0].artifacts:
        program = artifact.reload.split(" ")[0]
        known = {"", "systemctl", "udevadm", "/lib/systemd/systemd-sysctl"} | ours
        assert program in known, artifact.reload


def test_the_key_of_the_first_start_is_a_secret_in_the_manifest() -> None:
    files = json.loads(manifest(machines()[0]))["files"]
    secrets = {file["path"]: file["secrets"] for file in files if file["secrets"]}
    assert secrets == {
        f"/etc/bailiwick/guests/{guest.name}/user-data": {"@SECRET:ssh-key@": "ssh-key"} for guest in GUESTS
    }


def test_guests_of_another_hypervisor_are_not_here() -> None:
    other = replace(GUESTS[0], hypervisor="hv2")
    tree = render(replace(PLAN, guests=(other,)))[1]
    assert not any("/guests/" in artifact.path for artifact in tree.artifacts)
    assert "bailiwick-guests.service" not in tree.enable


def test_the_router_vm_installs_what_the_routers_files_need() -> None:
    seed = machines()[0].file("/etc/bailiwick/guests/gate/user-data").text
    for package in ("nftables", "dnsmasq-base", "ppp"):
        assert f'  - "{package}"\n' in seed


def test_a_switch_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="sw: a switch that runs debian-12"):
        render(replace(PLAN, bridges=(replace(SWITCH, platform="debian-12"), BRIDGE)))
