"""Which open connections go on, by the rules of a device and by what is known of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from ipaddress import IPv4Address, ip_interface, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.agent.connections.alike import Alike
from bailiwick.agent.connections.conntrack import Connection, Ends
from bailiwick.agent.connections.entrances import Entrances
from bailiwick.agent.connections.judging import Judge, Verdict
from bailiwick.dataplane.model import Device, Interface, Route, RoutingRule
from bailiwick.dataplane.rules import Among, Chain, Drop, Hook, Rule, Step, Table, Target, Translate, Unknown
from bailiwick.dataplane.tally import Line
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from tests.agent.reconcile.devices import router

pytestmark = pytest.mark.real  # the real nft reads the rules

POLICY = ("lan -> dmz: tcp/8000, udp/5000-5010, icmp", "lan, dmz -> internet: any", "lan -> router: ssh")
DOORS = "forward:\n  web: {service: tcp/8443, to: server, port: 443}\n"
LAN, DMZ, WAN, WORLD = "192.168.11.5", "192.168.30.5", "9.8.7.2", "1.2.3.4"


@cache
def home() -> Device:
    return router(*POLICY, rest=DOORS)


def number(text: str) -> int:
    return int(IPv4Address(text))


def tcp(source: str, destination: str, port: int, protocol: int = 6) -> Ends:
    return Ends(4, protocol, number(source), number(destination), 40000, port, ports=True)


def opened(first: Ends, *, source: str = "", destination: str = "", port: int = 0, mark: int = 0) -> Connection:
    """A connection that was translated as said."""
    back = first._replace(
        source=number(destination) if destination else first.destination,
        destination=number(source) if source else first.source,
        source_port=port or first.destination_port,
        destination_port=first.source_port,
    )
    return Connection(first, back, 0, mark, 0, 100, None, b"")


@pytest.mark.parametrize(
    ("one", "verdict"),
    [
        (opened(tcp(LAN, DMZ, 8000)), Verdict.KEEP),
        (opened(tcp(LAN, DMZ, 8001)), Verdict.END),
        (opened(tcp(DMZ, LAN, 8000)), Verdict.END),
        (opened(tcp(LAN, DMZ, 5005, 17)), Verdict.KEEP),
        (opened(tcp(LAN, DMZ, 5011, 17)), Verdict.END),
        (opened(Ends(4, 1, number(LAN), number(DMZ), kind=8)), Verdict.KEEP),
        (opened(Ends(4, 47, number(LAN), number(DMZ))), Verdict.END),
        (opened(tcp(LAN, WORLD, 443), source=WAN), Verdict.KEEP),
        (opened(tcp(LAN, WORLD, 443)), Verdict.END),  # it went out under its own address
        (opened(tcp(LAN, WORLD, 443), source="9.8.7.99"), Verdict.END),  # by an uplink that had another address
        (opened(tcp(LAN, "10.1.2.3", 443), source=WAN), Verdict.END),
        (opened(tcp(WORLD, WAN, 8443), destination=DMZ, port=443), Verdict.KEEP),
        (opened(tcp(WORLD, WAN, 8443), destination=DMZ, port=8443), Verdict.END),
        (opened(tcp(WORLD, WAN, 8443), destination="192.168.30.6", port=443), Verdict.END),
        (opened(tcp(WORLD, WAN, 8444)), Verdict.END),
        (opened(tcp(LAN, "192.168.11.1", 22)), Verdict.KEEP),
        (opened(tcp(DMZ, "192.168.30.1", 22)), Verdict.END),
        (opened(tcp(WAN, WORLD, 53)), Verdict.KEEP),
        (opened(tcp("127.0.0.1", "127.0.0.1", 53)), Verdict.KEEP),
        (opened(tcp(LAN, DMZ, 8001))._replace(zone=3), Verdict.ASK),
        (opened(tcp(LAN, DMZ, 60000))._replace(master=tcp(LAN, DMZ, 8000)), Verdict.KEEP),
        (opened(tcp(LAN, DMZ, 60000))._replace(master=tcp(LAN, DMZ, 8001)), Verdict.END),
    ],
    ids=lambda one: str(one.original) if isinstance(one, Connection) else str(one),
)
def test_by_the_rules(one: Connection, verdict: Verdict) -> None:
    assert Judge(home()).verdict(one) is verdict


def test_no_route_is_no_refusal() -> None:
    """The uplink may be between two leases: the kernel is asked once it has a way again."""
    device = home()
    there = tuple(route for route in device.routing.routes if route.prefix != ip_network("0.0.0.0/0"))
    judge = Judge(replace(device, routing=replace(device.routing, routes=there)))
    assert judge.verdict(opened(tcp(LAN, WORLD, 443), source=WAN)) is Verdict.ASK
    assert judge.verdict(opened(tcp(LAN, DMZ, 8001))) is Verdict.END


def test_who_would_revive_what_ended() -> None:
    judge = Judge(home())
    assert judge.revives(opened(tcp(WORLD, WAN, 8444), destination=DMZ))
    assert judge.revives(opened(tcp(DMZ, "192.168.30.1", 22)))
    assert not judge.revives(opened(tcp(LAN, DMZ, 8001)))
    assert not judge.revives(opened(tcp(LAN, WORLD, 443)))


def test_what_has_no_sender_yet() -> None:
    """A DHCP client asks from nowhere: by which zone it did is not to be told, and nobody answers as everybody."""
    one = opened(tcp("0.0.0.0", "255.255.255.255", 67, 17))
    assert Judge(home()).verdict(one) is Verdict.ASK
    assert not Judge(home()).revives(one)


def chain(name: str, kind: str, hook: str, priority: int, *steps: Step) -> Chain:
    rules = (Rule(steps, Line("odd", 1, "")),) if steps else ()
    return Chain(name, rules, Hook(kind, hook, priority))


def beside(*chains: Chain) -> Device:
    """The home's router with somebody else's table."""
    device = home()
    return replace(device, tables=(*device.tables, Table("ip", "other", {one.name: one for one in chains})))


def test_filters_of_others_that_nobody_can_read_are_left_alone() -> None:
    """They judged the connection when it began, and the switch did not touch them."""
    one = opened(tcp(LAN, DMZ, 8000))
    odd = beside(chain("f", "filter", "forward", 10, Unknown("a limit"), Drop()))
    assert Judge(odd).verdict(one) is Verdict.KEEP
    clear = beside(
        chain("f", "filter", "forward", 10, Among(header.DESTINATION_PORT, IntervalSet.single(8000)), Drop())
    )
    assert Judge(clear).verdict(one) is Verdict.END
    alone = replace(odd, tables=odd.tables[-1:])
    assert Judge(alone).verdict(one) is Verdict.ASK


def test_translations_of_others_that_nobody_can_read() -> None:
    there = Translate("dnat", Target(IPv4Address(DMZ)))
    odd = beside(chain("n", "nat", "prerouting", -90, Unknown("a limit"), there))
    assert Judge(odd).verdict(opened(tcp(WORLD, WAN, 8000), destination=DMZ)) is Verdict.END, "refused either way"
    assert Judge(odd).verdict(opened(tcp(LAN, WORLD, 443), source=WAN)) is Verdict.ASK


def test_rules_that_no_listing_shows() -> None:
    judge = Judge(home(), frozenset({"nat"}))
    assert judge.verdict(opened(tcp(LAN, WORLD, 443), source="9.8.7.99")) is Verdict.ASK
    assert judge.verdict(opened(tcp(LAN, DMZ, 8001))) is Verdict.END
    bare = replace(home(), tables=())
    assert Judge(bare, frozenset({"filter"})).verdict(opened(tcp(LAN, DMZ, 8001))) is Verdict.ASK
    assert Judge(bare).verdict(opened(tcp(LAN, DMZ, 8001))) is Verdict.KEEP


def two_uplinks() -> Device:
    """A second uplink whose answers are routed by a mark."""
    device = home()
    interfaces = {**device.interfaces, "wan1": Interface("wan1", "ethernet", (ip_interface("7.6.5.2/24"),))}
    routes = (*device.routing.routes, Route(ip_network("0.0.0.0/0"), interface="wan1", table="77"))
    rules = (*device.routing.rules, RoutingRule(900, table="77", mark=(5, 0xFF)))
    return replace(device, interfaces=interfaces, routing=replace(device.routing, routes=routes, rules=rules))


def test_where_a_connection_came_in() -> None:
    entrances = Entrances(two_uplinks())
    assert entrances.of(tcp(LAN, WORLD, 443)) == ("eth0",)
    assert entrances.of(tcp(WAN, WORLD, 443)) == (None,)
    assert entrances.of(tcp(WORLD, WAN, 443)) == ("wan0",)
    assert entrances.of(tcp(WORLD, "7.6.5.2", 443)) == ("wan1",)
    assert entrances.of(tcp(WORLD, DMZ, 443)) == ("wan0", "wan1")
    assert entrances.of(tcp(WORLD, DMZ, 443), mark=5) == ("wan1",)
    assert entrances.of(tcp("7.6.5.9", DMZ, 443)) == ("wan1",)
    bare = replace(home(), routing=replace(home().routing, routes=()))
    assert Entrances(bare).of(tcp(WORLD, DMZ, 443)) == ()


TWO = """
name: two
domain: home.arpa
platform: debian-12
uplinks:
  wan: {{interface: router/wan0, address: 9.8.7.2/24, gateway: 9.8.7.1}}
  lte: {{interface: router/wan1, address: 7.6.5.2/24, gateway: 7.6.5.1}}
zones:
  lan: {{subnet: 192.168.11.0/24}}
  dmz: {{subnet: 192.168.30.0/24}}
hosts:
  router: {{router: linux, ports: {{eth0: lan, eth1: dmz}}}}
  server: {{zone: dmz, address: .5}}
  quiet: {{zone: dmz, address: .6}}
dns: {{upstreams: [9.9.9.9]}}
route-out: {{quiet: lte}}
policy:
{policy}
{rest}
"""


def test_another_uplink_is_another_translation() -> None:
    door = "forward:\n  web: {service: tcp/8443, to: server, uplink: lte}\n"
    judge = Judge(router("lan, dmz -> internet: any", rest=door, home=TWO))
    quiet, lte = tcp("192.168.30.6", WORLD, 443), "7.6.5.2"
    assert judge.verdict(opened(quiet, source=lte)) is Verdict.KEEP
    assert judge.verdict(opened(quiet, source=WAN)) is Verdict.END
    assert judge.verdict(opened(tcp(LAN, WORLD, 443), source=WAN)) is Verdict.KEEP
    assert judge.verdict(opened(tcp(LAN, WORLD, 443), source=lte)) is Verdict.END
    assert judge.verdict(opened(tcp(WORLD, lte, 8443), destination=DMZ)) is Verdict.KEEP
    assert judge.verdict(opened(tcp(WORLD, WAN, 8443), destination=DMZ)) is Verdict.END


ADDRESSES = (
    *(LAN, DMZ, WAN, WORLD, "192.168.11.1", "192.168.30.1", "192.168.11.255", "192.168.11.0", "192.168.12.0"),
    *("0.0.0.0", "10.0.0.1", "127.0.0.1", "224.0.0.1", "255.255.255.255", "9.8.7.1", "9.8.7.255", "223.255.255.255"),
)
PORTS = (0, 22, 53, 67, 68, 443, 4999, 5000, 5010, 5011, 8000, 8443, 65535)


def shaped(ends: Ends) -> Ends:
    """Ports or a type, as its protocol has them."""
    if ends.protocol == 1:
        return ends._replace(source_port=0, destination_port=0)
    ports = ends.protocol != 47
    plain = ends._replace(kind=0, code=0, ports=ports)
    return plain if ports else plain._replace(source_port=0, destination_port=0)


ENDS = st.builds(
    Ends,
    st.just(4),
    st.sampled_from((1, 6, 17, 47, 132)),
    st.sampled_from(ADDRESSES).map(number) | st.integers(0, 0xFFFFFFFF),
    st.sampled_from(ADDRESSES).map(number) | st.integers(0, 0xFFFFFFFF),
    st.sampled_from(PORTS) | st.integers(0, 65535),
    st.sampled_from(PORTS) | st.integers(0, 65535),
    st.sampled_from((0, 3, 8, 13)),
    st.sampled_from((0, 1)),
).map(shaped)


@cache
def shared() -> tuple[Judge, Judge]:
    """One that has walked for many connections, and one that walks for each of them."""
    apart = Judge(home())
    apart._alike._apart = True
    return Judge(home()), apart


@pytest.mark.slow
@given(ENDS, st.sampled_from(("", WAN, "192.168.11.1")), st.sampled_from(("", DMZ)), st.sampled_from((0, 443)))
@settings(max_examples=1500)
def test_one_walk_for_all_that_are_alike(ends: Ends, source: str, destination: str, port: int) -> None:
    together, apart = shared()
    one = opened(ends, source=source, destination=destination, port=port)
    assert together.verdict(one) is apart.verdict(one)
    assert together.revives(one) is apart.revives(one)


def test_masks_ranges_and_sets_are_told_apart() -> None:
    steps = (Among(header.SOURCE, IntervalSet.single(number("0.0.0.5")), mask=0xFF), Drop())
    alike = Alike(replace(home(), tables=(Table("ip", "t", {"f": chain("f", "filter", "forward", 0, *steps)}),)))
    near = [alike.key(tcp(f"1.2.3.{last}", WORLD, 80)) for last in (4, 5, 6, 200)]
    assert len(set(near)) == 3
    assert near[2] == near[3]
    picking = Translate("snat", Target(IPv4Address("1.1.1.1"), IPv4Address("1.1.1.9")))
    apart = Alike(replace(home(), tables=(Table("ip", "t", {"n": chain("n", "nat", "postrouting", 100, picking)}),)))
    assert apart.key(tcp(WORLD, LAN, 80)) != apart.key(tcp(WORLD, LAN, 81))
