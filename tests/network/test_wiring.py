"""Which zones each port carries, on both ends of every link."""

from __future__ import annotations

from tests.network.small import codes, network

ZONES = "\n".join(
    f"  {name}: {{subnet: 10.0.{n}.0/24, vlan: {n}}}" for n, name in ((10, "lan"), (20, "iot"), (30, "dmz"))
)
POLICY = "  - lan -> router: ssh"


def wired(hosts: str, devices: str) -> tuple[dict[str, tuple[str | None, tuple[str, ...]]], dict[str, object]]:
    found = network(zones=ZONES, hosts=hosts, devices=devices, policy=POLICY)
    router = {port.name: (port.untagged, port.tagged) for port in found.router.ports}
    return router, {name: dict(device.ports) for name, device in found.devices.items()}


def test_an_access_point_gets_its_own_zone_untagged_and_its_networks_tagged() -> None:
    router, devices = wired(
        "  gate: {router: linux, ports: {eth1: ap/up, eth2: dmz}}",
        "  ap: {kind: access-point, zone: lan, ssids: {things: iot, home: lan}}",
    )
    assert router["eth1"] == ("lan", ("iot",))
    assert devices["ap"] == {"up": ("lan", ("iot",))}


def test_a_link_may_be_written_on_the_devices_side_alone() -> None:
    router, devices = wired(
        "  gate: {router: linux, ports: {eth2: [dmz, lan]}}",
        "  ap: {kind: access-point, zone: lan, ports: {up: gate/eth1}, ssids: {things: iot}}",
    )
    assert router == {"eth2": (None, ("lan", "dmz")), "eth1": ("lan", ("iot",))}
    assert devices["ap"] == {"up": ("lan", ("iot",))}


def test_both_sides_of_a_link_may_say_it() -> None:
    assert not codes(
        hosts="  gate: {router: linux, ports: {eth1: ap/up, eth2: iot}}",
        devices="  ap: {kind: access-point, zone: lan, ports: {up: router/eth1}}",
    )


def test_what_is_behind_two_switches_is_carried_to_them() -> None:
    router, devices = wired(
        "  gate: {router: linux, ports: {eth1: core/1}}",
        "  core: {kind: switch, zone: dmz, ports: {2: lan, 3: far/1}}\n"
        "  far: {kind: switch, zone: lan, ports: {2: iot, 3: ap/up, 4: [lan, dmz]}}\n"
        "  ap: {kind: access-point, ssids: {home: lan}}",
    )
    assert router["eth1"] == ("dmz", ("lan", "iot"))
    assert devices["core"] == {"1": ("dmz", ("lan", "iot")), "2": ("lan", ()), "3": ("lan", ("iot", "dmz"))}
    assert devices["far"] == {
        "1": ("lan", ("iot", "dmz")),
        "2": ("iot", ()),
        "3": (None, ("lan",)),
        "4": (None, ("lan", "dmz")),
    }
    assert devices["ap"] == {"up": (None, ("lan",))}


def test_one_zone_without_a_tag_comes_untagged() -> None:
    found = network(
        zones="  lan: {subnet: 10.0.10.0/24}",
        hosts="  gate: {router: linux, ports: {eth1: switch/1}}",
        devices="  switch: {kind: switch, ports: {2: lan}}",
    )
    assert (found.router.ports[0].untagged, found.router.ports[0].tagged) == ("lan", ())


def test_a_link_to_a_host_carries_where_the_host_is() -> None:
    router, _ = wired(
        "  gate: {router: linux, ports: {eth1: nas/lan0, eth2: hv/ens1, eth3: dmz}}\n"
        "  nas: {zone: lan, address: .10}\n"
        "  hv: {legs: {dmz: {address: .2}, iot: {address: .2}}}",
        "",
    )
    assert router == {"eth1": ("lan", ()), "eth2": (None, ("iot", "dmz")), "eth3": ("dmz", ())}


def test_many_devices_in_a_row_are_refused_and_not_a_traceback() -> None:
    row = "\n".join(f"  s{n}: {{kind: switch, ports: {{2: s{n + 1}/1}}}}" for n in range(400))
    hosts = "  gate: {router: linux, ports: {eth1: lan, eth2: iot, eth3: s0/1}}"
    assert codes(hosts=hosts, devices=f"{row}\n  s400: {{kind: switch}}") == ["link-loop"]
