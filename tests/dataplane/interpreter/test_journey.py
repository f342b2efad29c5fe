from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Interface, IPv4Network, ip_address

import pytest

from bailiwick.dataplane.interpreter import End, Header
from bailiwick.dataplane.interpreter.journey import journey
from bailiwick.dataplane.model import Device, Interface, Link, Route, Routing, Wiring
from bailiwick.dataplane.rules import Accept, Chain, Drop, Hook, OnInterface, Rule, Table, Translate
from bailiwick.dataplane.segments import Segments
from bailiwick.dataplane.tally import Line


def ethernet(name: str, *addresses: str, master: str | None = None) -> Interface:
    return Interface(name, "ethernet", tuple(IPv4Interface(one) for one in addresses), master=master)


def made(name: str, *interfaces: Interface, routes: tuple[Route, ...] = (), tables: tuple[Table, ...] = ()) -> Device:
    return Device(name, interfaces={one.name: one for one in interfaces}, routing=Routing(routes), tables=tables)


def default(gateway: str, interface: str) -> Route:
    return Route(IPv4Network("0.0.0.0/0"), interface=interface, gateway=ip_address(gateway))


def chain(name: str, hook: Hook, *rules: Rule) -> Table:
    return Table("ip", name, {name: Chain(name, rules, hook)})


LAN_TO_WAN = Rule((OnInterface("iif", ("lan",)), OnInterface("oif", ("wan",)), Accept()), Line("gate", 1))
MASQUERADE = Rule((OnInterface("oif", ("wan",)), Translate("masquerade")), Line("gate", 2))
GATE = made(
    "gate",
    ethernet("lan", "192.168.1.1/24"),
    ethernet("wan", "10.0.0.2/24"),
    routes=(default("10.0.0.1", "wan"),),
    tables=(
        chain("forward", Hook("filter", "forward", 0, Drop()), LAN_TO_WAN),
        chain("post", Hook("nat", "postrouting", 100), MASQUERADE),
    ),
)
BOX = made(
    "box", ethernet("in", "10.0.0.1/24"), ethernet("dsl", "203.0.113.5/24"), routes=(default("203.0.113.1", "dsl"),)
)
CHAINED = Wiring({"gate": GATE, "box": BOX}, (Link(("gate", "wan"), ("box", "in")),))


def packet(source: str, destination: str, iif: str | None) -> Header:
    return Header(ip_address(source), ip_address(destination), iif, source_port=50000, destination_port=443)


def test_a_packet_goes_from_router_to_router_with_the_source_that_the_first_gave_it() -> None:
    found = journey(CHAINED, "gate", packet("192.168.1.10", "9.9.9.9", "lan"))
    assert [hop.device for hop in found.hops] == ["gate", "box"]
    assert found.hops[1].walk.packet.source == ip_address("10.0.0.2")
    assert found.left == ("box", "dsl")
    assert found.accepted


def test_it_ends_at_the_device_that_stops_it() -> None:
    found = journey(CHAINED, "box", packet("203.0.113.9", "10.0.0.2", "dsl"))
    assert [hop.device for hop in found.hops] == ["box", "gate"]
    assert found.hops[-1].walk.local, "its own address: it arrives"
    tight = replace(GATE, tables=(*GATE.tables, chain("input", Hook("filter", "input", 0, Drop()))))
    stopped = journey(
        Wiring({"gate": tight, "box": BOX}, CHAINED.links), "box", packet("203.0.113.9", "10.0.0.2", "dsl")
    )
    assert stopped.end is End.DROP
    assert stopped.hops[-1].device == "gate"


def test_a_host_with_two_legs_passes_on_what_it_forwards() -> None:
    nas = made("nas", ethernet("a", "192.168.1.9/24"), ethernet("b", "192.168.2.9/24"))
    camera = made("camera", ethernet("eth0", "192.168.2.20/24"))
    wiring = Wiring({"nas": nas, "camera": camera}, (Link(("nas", "b"), ("camera", "eth0")),))
    through = journey(wiring, "nas", packet("192.168.1.10", "192.168.2.20", "a"))
    assert through.hops[-1].device == "camera"
    still = replace(nas, routing=replace(nas.routing, forwarding=False))
    assert not journey(
        Wiring({**wiring.devices, "nas": still}, wiring.links), "nas", through.hops[0].walk.packet
    ).accepted


def test_routers_that_send_it_round_are_a_loop() -> None:
    one = made("one", ethernet("x", "10.0.0.1/24"), routes=(default("10.0.0.2", "x"),))
    two = made("two", ethernet("x", "10.0.0.2/24"), routes=(default("10.0.0.1", "x"),))
    wiring = Wiring({"one": one, "two": two}, (Link(("one", "x"), ("two", "x")),))
    found = journey(wiring, "one", packet("10.0.0.9", "9.9.9.9", "x"))
    assert found.looped
    assert found.end is End.UNROUTABLE


def switch(**ports: tuple[int | None, frozenset[int]]) -> Device:
    bridge = Interface("br0", "bridge")
    members = [
        Interface(name, "ethernet", master="br0", untagged=untagged, tagged=tagged)
        for name, (untagged, tagged) in ports.items()
    ]
    return made("switch", bridge, *members)


@pytest.mark.parametrize(
    ("trunk", "heard"),
    [
        ((None, frozenset({10, 20})), {("camera", "eth0")}),
        ((None, frozenset({10})), set()),
        ((20, frozenset({10})), {("camera", "eth0")}),
    ],
)
def test_a_tag_leads_through_a_switch_to_its_access_port(
    trunk: tuple[int | None, frozenset[int]], heard: set[object]
) -> None:
    router = made("router", Interface("eth0", "ethernet"), Interface("iot", "vlan", parent="eth0", vlan=20))
    hosts = {name: made(name, ethernet("eth0", "192.168.2.20/24")) for name in ("camera", "desk")}
    box = switch(up=trunk, p1=(20, frozenset()), p2=(10, frozenset()))
    links = (
        Link(("router", "eth0"), ("switch", "up")),
        Link(("switch", "p1"), ("camera", "eth0")),
        Link(("switch", "p2"), ("desk", "eth0")),
    )
    segments = Segments(Wiring({"router": router, "switch": box, **hosts}, links))
    assert set(segments.hearing("router", "iot")) == heard
    if trunk[0] is None:
        back = (("router", "iot"),) if heard else ()
        assert segments.hearing("camera", "eth0") == back
    else:  # a port takes its own VLAN with its tag too, and sends it without
        assert segments.hearing("camera", "eth0") == (("router", "eth0"),)


def test_isolated_ports_do_not_hear_each_other() -> None:
    ports = [Interface(name, "ethernet", master="br0", isolated=True) for name in ("p1", "p2")]
    box = made("switch", Interface("br0", "bridge", (IPv4Interface("192.168.2.1/24"),)), *ports)
    hosts = {name: made(name, ethernet("eth0")) for name in ("a", "b")}
    links = (Link(("switch", "p1"), ("a", "eth0")), Link(("switch", "p2"), ("b", "eth0")))
    segments = Segments(Wiring({"switch": box, **hosts}, links))
    assert segments.hearing("a", "eth0") == (("switch", "br0"),)
    assert segments.hearing("switch", "br0") == (("a", "eth0"), ("b", "eth0"))


def test_a_bridge_that_filters_hears_the_vlans_it_is_in_itself() -> None:
    bridge = Interface("br0", "bridge", tagged=frozenset({20}))
    port = Interface("p1", "ethernet", master="br0", untagged=20)
    inner = [Interface(f"br0.{vlan}", "vlan", parent="br0", vlan=vlan) for vlan in (20, 30)]
    box = made("hypervisor", bridge, port, *inner)
    guest = made("guest", ethernet("eth0"))
    wiring = Wiring({"hypervisor": box, "guest": guest}, (Link(("hypervisor", "p1"), ("guest", "eth0")),))
    assert Segments(wiring).hearing("guest", "eth0") == (("hypervisor", "br0.20"),)
    assert Segments(wiring).hearing("hypervisor", "br0.30") == ()
