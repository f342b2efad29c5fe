"""Which zone each end of layer 2 belongs to."""

from __future__ import annotations

from bailiwick.intent.segments import belongings
from tests.network.small import network

ZONES = "\n".join(
    f"  {name}: {{subnet: 10.0.{vlan}.0/24, vlan: {vlan}{more}}}"
    for name, vlan, more in (("mgmt", 10, ""), ("lan", 40, ""), ("iot", 50, ", isolate: yes"))
)
HV = "  hv: {hypervisor: linux, zone: mgmt, address: .2, ports: {ens2: iot, ens3: {native: lan, trunk: [iot]}}}\n"


def ends(hosts: str, devices: str | None = None) -> dict[tuple[str, str, str], bool]:
    found = belongings(network(zones=ZONES, hosts=hosts, devices=devices))
    assert len({(end.machine, end.port, end.zone) for end in found}) == len(found)
    return {(end.machine, end.port, end.zone): end.isolated for end in found}


def test_every_kind_of_end() -> None:
    hosts = (
        "  gate: {router: linux, ports: {eth1: hv/ens1, eth2: lan}}\n"
        + HV
        + "  tv: {zone: iot, address: .9, guest-of: hv}\n"
        "  both: {guest-of: hv, legs: {lan: {address: .7}, iot: {address: .8}}, forwards: no, because: x}\n"
        "  beside: {zone: lan, address: .9}"
    )
    assert ends(hosts) == {
        ("gate", "", "mgmt"): False,
        ("gate", "", "lan"): False,
        ("gate", "", "iot"): False,
        ("gate", "eth2", "lan"): False,
        ("hv", "", "mgmt"): False,
        ("hv", "ens2", "iot"): True,
        ("hv", "ens3", "lan"): False,
        ("tv", "eth0", "iot"): True,
        ("both", "lan", "lan"): False,
        ("both", "iot", "iot"): True,
    }


def test_a_router_vms_ports_are_its_addresses() -> None:
    hosts = (
        "  gate: {router: linux, guest-of: hv, ports: {eth1: [mgmt, iot], eth2: lan}, "
        "vm: {cards: {eth0: usb 0b95:1790}}}\n" + HV
    )
    assert {(machine, port) for machine, port, _ in ends(hosts)} == {
        ("gate", ""),
        ("hv", ""),
        ("hv", "ens2"),
        ("hv", "ens3"),
    }


def test_the_way_to_the_router_hears_the_isolated() -> None:
    found = ends(
        "  gate: {router: linux, ports: {eth1: {zone: iot, link: sw/1}, eth2: [mgmt, lan]}}",
        "  sw: {kind: switch, runs: routeros, ports: {2: iot}}",
    )
    assert found["sw", "1", "iot"] is False
    assert found["sw", "2", "iot"] is True


def test_a_home_with_nothing_but_a_router_has_no_segments_to_prove() -> None:
    assert belongings(network(zones=ZONES, hosts="  gate: {router: linux, ports: {eth1: [mgmt, lan, iot]}}")) == ()


def test_a_card_passed_through_is_an_end_where_its_cable_is_named() -> None:
    hosts = (
        "  gate: {router: linux, ports: {eth1: hv/ens1, eth2: lan}}\n" + HV + "  cam: {zone: iot, address: .9, "
        "guest-of: hv, vm: {cards: {eth0: pci 03:00.0}}}"
    )
    assert ("cam", "eth0", "iot") not in ends(hosts)
    assert ends(hosts.replace("ens2: iot", "ens2: cam/eth0"))["cam", "eth0", "iot"] is True


def test_a_router_vm_with_a_card_for_a_zone_has_a_port_there() -> None:
    hosts = (
        "  gate: {router: linux, guest-of: hv, ports: {eth1: [mgmt, iot], eth2: lan}, "
        "vm: {cards: {eth0: usb 0b95:1790, eth2: pci 03:00.0}}}\n"
        "  hv: {hypervisor: linux, zone: mgmt, address: .2, ports: {ens2: iot}}"
    )
    assert ends(hosts)["gate", "eth2", "lan"] is False
    assert ("gate", "eth1", "mgmt") not in ends(hosts)
