from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bailiwick.plan.switching import Mirror
from bailiwick.targets.routeros import switch
from bailiwick.targets.routeros.syntax import command, value
from tests.targets.hypervisor.machine_plans import BRIDGE, SWITCH

CHECKER = Path(__file__).parents[4] / "shared/tools/routeros/check_rsc.py"


def commands() -> list[str]:
    return [line for line in switch(SWITCH).text.splitlines() if line and not line.startswith("#")]


def one(*words: str) -> str:
    """The only command that holds all the words."""
    [found] = [line for line in commands() if all(f" {word}" in f" {line} " for word in words)]
    return found


def test_tags_decide_from_the_last_line_on() -> None:
    assert commands()[-1] == "/interface bridge set [ find name=br0 ] vlan-filtering=yes"
    assert [line for line in commands() if "vlan-filtering=yes" in line] == commands()[-1:]
    first = {path: next(i for i, line in enumerate(commands()) if line.startswith(f"{path} add")) for path in _MENUS}
    assert list(first) == sorted(first, key=first.__getitem__)


_MENUS = (
    "/interface bridge",
    "/interface bridge port",
    "/interface bridge vlan",
    "/interface vlan",
    "/ip address",
    "/ip route",
)


def test_a_trunk_admits_tags_alone_and_an_access_port_none() -> None:
    assert "frame-types=admit-only-vlan-tagged " in one("/interface bridge port", "interface=ether1 ")
    assert "pvid=" not in one("/interface bridge port", "interface=ether1 ")
    access = one("/interface bridge port", "interface=ether2 ")
    assert "frame-types=admit-only-untagged-and-priority-tagged " in access
    assert " pvid=40 " in access
    both = one("/interface bridge port", "interface=ether5 ")
    assert "frame-types=admit-all " in both
    assert both.endswith(" pvid=40")
    assert all(" ingress-filtering=yes" in line for line in commands() if "frame-types" in line)


def test_isolated_ports_share_a_horizon_and_no_other_has_one() -> None:
    with_one = [line.split("interface=")[1].split()[0] for line in commands() if " horizon=1" in line]
    assert with_one == ["ether3", "ether4"]


def test_each_vlan_has_a_row_with_its_members() -> None:
    assert one("vlan-ids=10").endswith("tagged=br0,ether1")
    assert one("vlan-ids=40").endswith("tagged=ether1 untagged=ether2,ether5")
    assert one("vlan-ids=50").endswith("tagged=ether1,ether5 untagged=ether3,ether4")
    assert sum(line.startswith("/interface bridge vlan add") for line in commands()) == 3


def test_the_device_is_in_its_own_zone_and_in_no_other() -> None:
    assert [line for line in commands() if "tagged=br0" in line] == [one("vlan-ids=10")]
    assert "interface=br0 vlan-id=10" in one("/interface vlan add")
    assert "address=192.168.10.4/24 interface=mgmt0" in one("/ip address add")
    assert "gateway=192.168.10.1" in one("/ip route add")
    alone = switch(replace(SWITCH, management=None)).text
    assert "tagged=br0" not in alone
    assert "/ip address" not in alone


def test_a_port_of_no_zone_stays_off_the_bridge() -> None:
    assert "ether6" not in switch(SWITCH).text


def test_every_object_is_marked_as_ours() -> None:
    assert all(" comment=bailiwick:" in line for line in commands() if " add " in line)


def test_every_row_leads_to_its_ports() -> None:
    artifact = switch(SWITCH)
    number = next(n for n, line in enumerate(artifact.text.splitlines(), 1) if "vlan-ids=40" in line)
    assert artifact.lines[number] == ("bridge-port:sw/ether1", "bridge-port:sw/ether2", "bridge-port:sw/ether5")


def test_what_a_switch_cannot_do_is_refused() -> None:
    mirror = Mirror("mirror:sw/ether6", SWITCH.spans, ("ether1",), "ether6")
    with pytest.raises(ValueError, match="mirror"):
        switch(replace(SWITCH, mirrors=(mirror,)))
    with pytest.raises(ValueError, match="guests"):
        switch(replace(SWITCH, ports=BRIDGE.ports))


@pytest.mark.parametrize(
    ("given", "written"),
    [("ether1", "ether1"), ("a b", '"a b"'), ('a"b', '"a\\"b"'), ("$x", '"\\$x"'), ("a\\b", '"a\\\\b"'), ("", '""')],
)
def test_values_are_quoted_where_they_must_be(given: str, written: str) -> None:
    assert value(given) == written
    assert command("/x", "add", {"name": given}).text == f"/x add name={written}"


def test_a_value_that_no_line_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be given"):
        value("a\nb")


@pytest.mark.real
@pytest.mark.skipif(not CHECKER.is_file(), reason="RouterOS' schema is not beside this repository")
@pytest.mark.parametrize("version", ["7.16.2", "7.20.8", "7.24"])
def test_routeros_knows_every_word(version: str, tmp_path: Path) -> None:
    path = tmp_path / "sw.rsc"
    text = switch(SWITCH).text
    for content, good in ((text, True), (text.replace("frame-types", "frame-type"), False)):
        path.write_text(content, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, str(CHECKER), "--strict", "--ros", version, str(path)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ("commands ok,  {}" in done.stdout) is good, done.stdout + done.stderr
