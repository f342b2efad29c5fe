from __future__ import annotations

from dataclasses import replace

from bailiwick.targets.linux.udev import udev
from tests.targets.linux.router_plans import INTERFACES, PLAN


def test_a_bridge_looks_at_tags_and_its_modules_settings_come_with_it() -> None:
    (rules,) = udev(PLAN)
    lines = rules.text.splitlines()
    at = next(n for n, line in enumerate(lines, 1) if "vlan_filtering" in line)
    assert lines[at - 1].startswith('ACTION=="add", SUBSYSTEM=="net", KERNEL=="lan", ')
    assert rules.lines[at] == ("interface:lan",)
    assert any('KERNEL=="br_netfilter"' in line and "systemd-sysctl" in line for line in lines)


def test_without_bridges_there_is_nothing_to_say() -> None:
    bare = replace(PLAN, interfaces=INTERFACES[:2], settings=())
    assert udev(bare) == ()
