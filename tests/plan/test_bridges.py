"""VLAN tables of bridges: each port carries what lies beyond it, and nothing else."""

from __future__ import annotations

import pytest

from bailiwick.network.model import Router, Switch
from bailiwick.plan import make_plan
from bailiwick.plan.cards import made_mac
from bailiwick.plan.switching import BridgePort, VlanBridge
from tests.network.small import network

ZONES = "\n".join(
    f"  {name}: {{subnet: 10.0.{vlan}.0/24, vlan: {vlan}{more}}}"
    for name, vlan, more in (("mgmt", 10, ""), ("lan", 40, ""), ("iot", 50, ", isolate: yes"))
)
GATE = "  gate: {router: linux, ports: {eth1: hv/ens1, eth2: [mgmt, lan, iot]}}\n"
ROUTER_VM = (
    "  gate: {router: linux, guest-of: hv, ports: {eth1: [mgmt, iot], eth2: lan}, vm: {cards: {eth0: usb 0b95:1790}}}\n"
)
HV = "  hv: {hypervisor: linux, zone: mgmt, address: .2}\n"


def bridges(hosts: str, devices: str | None = None) -> dict[str, VlanBridge]:
    return {b.device: b for b in make_plan(network(zones=ZONES, hosts=hosts, devices=devices)).bridges}


def ports(bridge: VlanBridge) -> dict[str, BridgePort]:
    return {port.name: port for port in bridge.ports}


def table(bridge: VlanBridge) -> dict[str, tuple[int | None, tuple[int, ...]]]:
    return {port.name: (port.untagged, port.tagged) for port in bridge.ports}


def test_a_trunk_carries_what_the_guests_and_the_hypervisor_need_and_no_more() -> None:
    found = bridges(GATE + HV + "  tv: {zone: iot, address: .9, guest-of: hv}")["hv"]
    assert table(found) == {"ens1": (None, (10, 50)), "tap-tv": (50, ())}
    assert found.management is not None
    assert (found.management.vlan, str(found.management.address)) == (10, "10.0.10.2/24")


def test_another_guest_changes_its_own_tap_and_the_trunk_alone() -> None:
    before = bridges(GATE + HV + "  tv: {zone: iot, address: .9, guest-of: hv}")["hv"]
    after = bridges(
        GATE + HV + "  tv: {zone: iot, address: .9, guest-of: hv}\n  nas: {zone: lan, address: .9, guest-of: hv}"
    )
    assert table(after["hv"]) == {**table(before), "ens1": (None, (10, 40, 50)), "tap-nas": (40, ())}


def test_both_ends_of_every_cable_carry_the_same() -> None:
    found = network(
        zones=ZONES,
        hosts="  gate: {router: linux, ports: {eth1: sw/1, eth2: iot}}\n"
        + HV
        + "  nas: {zone: lan, address: .9, guest-of: hv}",
        devices="  sw: {kind: switch, runs: routeros, zone: mgmt, address: .4, ports: {2: hv/ens1, 3: far/1, 4: iot}}\n"
        "  far: {kind: switch, runs: routeros, ports: {2: lan, 3: mgmt}}",
    )
    machines: tuple[Router | Switch, ...] = (found.router, *found.switches.values())
    carried = {(m.name, port.name): (port.untagged, port.tagged) for m in machines for port in m.ports}
    assert len(found.links) == 3
    for link in found.links:
        assert carried[link.a] == carried[link.b]
        assert carried[link.a][0] is None, "between machines that we configure everything is tagged"
    assert carried["gate", "eth1"] == (None, ("mgmt", "lan", "iot"))
    assert carried["far", "1"] == (None, ("mgmt", "lan"))


def test_two_cables_part_the_zones_that_they_say() -> None:
    hosts = (
        "  gate: {router: linux, ports: {eth1: {trunk: [mgmt], link: hv/ens1}, eth4: {trunk: [lan], link: hv/ens2}, "
        "eth5: iot}}\n" + HV + "  nas: {zone: lan, address: .9, guest-of: hv}"
    )
    assert table(bridges(hosts)["hv"]) == {"ens1": (None, (10,)), "ens2": (None, (40,)), "tap-nas": (40, ())}


def test_a_native_vlan_is_there_only_when_asked_for() -> None:
    hosts = GATE + "  hv: {hypervisor: linux, zone: mgmt, address: .2, ports: {ens2: {native: mgmt, trunk: [lan]}}}"
    assert table(bridges(hosts)["hv"]) == {"ens1": (None, (10, 40)), "ens2": (10, (40,))}


def test_isolated_are_the_ports_of_an_isolated_zone_but_never_the_way_to_the_router() -> None:
    hosts = GATE + "  hv: {hypervisor: linux, zone: mgmt, address: .2, ports: {ens2: iot, ens3: lan}}\n"
    found = ports(bridges(hosts + "  tv: {zone: iot, address: .9, guest-of: hv}")["hv"])
    assert {name for name, port in found.items() if port.isolated} == {"ens2", "tap-tv"}


def test_a_router_vm_is_never_isolated_from_those_it_serves() -> None:
    hosts = ROUTER_VM.replace("[mgmt, iot], eth2: lan", "[mgmt, lan], eth2: iot") + HV
    found = ports(bridges(hosts + "  tv: {zone: iot, address: .9, guest-of: hv}")["hv"])
    assert {name for name, port in found.items() if port.isolated} == {"tap-tv"}
    assert (found["tap-gate-eth2"].untagged, found["tap-gate-eth1"].tagged) == (50, (10, 40))


def test_a_router_vm_has_taps_for_its_zones_and_a_card_for_its_uplink() -> None:
    plan = make_plan(network(zones=ZONES, hosts=ROUTER_VM + HV))
    (router,) = plan.guests
    assert [(card.name, card.tap, card.passthrough is not None) for card in router.cards] == [
        ("eth1", "tap-gate-eth1", False),
        ("eth2", "tap-gate-eth2", False),
        ("eth0", "", True),
    ]
    interfaces = {i.name: i.mac for i in plan.interfaces}
    assert interfaces["eth1"] == router.cards[0].mac == made_mac("small", "gate", "eth1")
    assert interfaces["eth0"] is None, "a card passed through has an address of its own"


def test_guests_in_two_zones_have_a_card_for_each_with_its_own_address() -> None:
    hosts = (
        GATE + HV + "  both: {guest-of: hv, legs: {lan: {address: .7}, iot: {address: .8}}, forwards: no, because: x}"
    )
    plan = make_plan(network(zones=ZONES, hosts=hosts))
    (both,) = plan.guests
    assert [(card.name, card.tap, card.address) for card in both.cards] == [
        ("lan", "tap-both-lan", "10.0.40.7/24"),
        ("iot", "tap-both-iot", "10.0.50.8/24"),
    ]
    assert len({card.mac for card in both.cards}) == 2


def test_made_hardware_addresses_are_local_single_and_stable() -> None:
    mac = made_mac("home", "cloud", "eth0")
    assert mac == made_mac("home", "cloud", "eth0") == "02:cb:3f:54:cf:8e"
    assert int(mac[:2], 16) & 3 == 2, "locally administered, and no group address"
    assert len({mac, made_mac("home", "cloud", "eth1"), made_mac("home", "proxy", "eth0")}) == 3


@pytest.mark.parametrize("guest", ["a-name-of-thirty-one-characters", "a-name-of-thirty-two-characters-"[:-1] + "x"])
def test_names_of_taps_fit_the_kernel(guest: str) -> None:
    found = bridges(GATE + HV + f"  {guest}: {{zone: lan, address: .9, guest-of: hv}}")["hv"]
    assert all(len(port.name) <= 15 for port in found.ports)
    assert len({port.name for port in found.ports}) == len(found.ports)


def test_two_long_names_that_start_alike_have_taps_of_their_own() -> None:
    hosts = (
        GATE
        + HV
        + "".join(f"  service-number-{n}: {{zone: lan, address: .{n}, guest-of: hv}}\n" for n in range(11, 19))
    )
    found = bridges(hosts)["hv"]
    assert len({port.name for port in found.ports}) == 9


def test_the_order_of_lines_does_not_matter() -> None:
    guests = ["  tv: {zone: iot, address: .9, guest-of: hv}\n", "  nas: {zone: lan, address: .9, guest-of: hv}\n"]
    one, other = bridges(GATE + HV + guests[0] + guests[1])["hv"], bridges(GATE + HV + guests[1] + guests[0])["hv"]
    assert table(one) == table(other)
    assert [port.id for port in one.ports] == [port.id for port in other.ports]


def test_what_a_mirror_copies_reaches_the_one_who_listens_and_carries_no_zone() -> None:
    hosts = GATE + "  hv: {hypervisor: linux, zone: mgmt, address: .2, ports: {ens4: {mirror: [ens1]}}}\n"
    found = bridges(hosts + "  ids: {zone: mgmt, address: .9, guest-of: hv, listens-on: hv/ens4}")["hv"]
    assert "ens4" not in ports(found), "the tap stands for it"
    assert table(found)["tap-ids-mirror"] == (None, ())
    assert [(mirror.sources, mirror.target) for mirror in found.mirrors] == [(("ens1",), "tap-ids-mirror")]


def test_a_card_on_which_a_guest_listens_is_no_port_of_the_bridge() -> None:
    ids = "  ids: {zone: mgmt, address: .9, guest-of: hv, listens-on: hv/ens4, vm: {cards: {ens4: pci 03:00.0}}}"
    plan = make_plan(network(zones=ZONES, hosts=GATE + HV + ids))
    assert set(ports(plan.bridges[0])) == {"ens1", "tap-ids"}
    assert plan.bridges[0].mirrors == ()
    assert [(card.name, card.listens) for card in plan.guests[0].cards] == [("eth0", False), ("ens4", True)]
