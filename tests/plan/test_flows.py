from __future__ import annotations

from datetime import date

from bailiwick.network.model import Match, Network, Permission
from bailiwick.network.special import PUBLIC
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.plan import make_plan
from bailiwick.plan.model import Flow, Hook
from tests.plan import networks as make

LAN, DMZ = make.zone("lan", 40), make.zone("dmz", 30)
ONE = IntervalSet.single(int(LAN.subnet[66]))


def home(*policy: Permission, **more: object) -> Network:
    uplinks = [make.uplink("wan"), make.uplink("lte", port="wwan0"), make.tunnel("vpn")]
    ports = [make.port("eth1", None, "lan", "dmz")]
    return make.network([LAN, DMZ], ports, uplinks=uplinks, policy=policy, **more)  # type: ignore[arg-type]


def policy_flows(network: Network) -> dict[tuple[str | None, str | None], Flow]:
    found = [f for f in make_plan(network).flows if f.id.startswith("flow:policy:")]
    assert len({(f.ingress, f.egress) for f in found}) == len(found)
    return {(f.ingress, f.egress): f for f in found}


def test_between_zones() -> None:
    ((pair, flow),) = policy_flows(home(make.permission(make.subnet(LAN), make.subnet(DMZ), make.HTTPS))).items()
    assert pair == ("zone:lan", "zone:dmz") and flow.hook is Hook.FORWARD
    assert flow.id == "flow:policy:zone:lan->zone:dmz:1/lan>dmz"
    assert flow.matches == (make.HTTPS,) and not flow.translated


def test_inside_one_zone_nothing_is_routed() -> None:
    assert policy_flows(home(make.permission(make.subnet(LAN), make.subnet(LAN), make.ANY))) == {}


def test_internet_is_every_uplink_but_tunnels_and_no_inside_address() -> None:
    found = policy_flows(home(make.permission(make.subnet(LAN), make.INTERNET, make.ANY)))
    assert set(found) == {("zone:lan", "uplink:wan"), ("zone:lan", "uplink:lte")}
    assert all(f.destinations == PUBLIC for f in found.values())


def test_whom_route_out_names_leaves_there_alone() -> None:
    routes = (make.route_out("one", "zone:lan", ONE, "uplink:vpn"),)
    found = policy_flows(home(make.permission(make.subnet(LAN), make.INTERNET, make.ANY), routes_out=routes))
    assert found["zone:lan", "uplink:vpn"].sources == ONE
    for uplink in ("uplink:wan", "uplink:lte"):
        assert not found["zone:lan", uplink].sources & ONE


def test_whom_route_out_names_by_a_second_line_stays_off_the_first() -> None:
    routes = (make.route_out("one", "zone:lan", ONE, "uplink:lte"),)
    found = policy_flows(home(make.permission(make.subnet(LAN), make.INTERNET, make.ANY), routes_out=routes))
    assert ONE.spans[0][0] not in found["zone:lan", "uplink:wan"].sources
    assert ONE.spans[0][0] in found["zone:lan", "uplink:lte"].sources


def test_whom_route_out_names_reaches_no_other_uplinks_modem() -> None:
    modem = make.party("uplink:wan", IntervalSet.single(0xC0A80101))
    routes = (make.route_out("one", "zone:lan", ONE, "uplink:vpn"),)
    found = policy_flows(home(make.permission(make.subnet(LAN), modem, make.ANY), routes_out=routes))
    assert not found["zone:lan", "uplink:wan"].sources & ONE


def test_outside_enters_by_every_uplink_but_tunnels() -> None:
    outside = make.party("outside", EVERY_ADDRESS)
    found = policy_flows(home(make.permission(outside, make.ROUTER, make.HTTPS)))
    assert set(found) == {("uplink:wan", None), ("uplink:lte", None)}
    assert all(f.hook is Hook.INPUT for f in found.values())


def test_a_tunnel_enters_when_it_is_named() -> None:
    vpn = make.party("uplink:vpn", EVERY_ADDRESS)
    assert set(policy_flows(home(make.permission(vpn, make.ROUTER, make.HTTPS)))) == {("uplink:vpn", None)}


def test_outside_reaches_no_zone_and_no_uplink() -> None:
    outside = make.party("outside", EVERY_ADDRESS)
    for target in (make.subnet(LAN), make.INTERNET, make.party("uplink:lte", PUBLIC)):
        assert policy_flows(home(make.permission(outside, target, make.ANY))) == {}


def test_the_router_as_source_is_output() -> None:
    found = policy_flows(home(make.permission(make.ROUTER, make.subnet(LAN), make.HTTPS)))
    assert found[None, "zone:lan"].hook is Hook.OUTPUT


def test_except_services_leave_disjoint_matches() -> None:
    sentence = make.permission(make.subnet(LAN), make.subnet(DMZ), make.ANY, but=(Match(6),))
    (flow,) = policy_flows(home(sentence)).values()
    assert flow.matches == tuple(Match(number) for number in range(256) if number != 6)


def test_except_every_service_leaves_no_flow() -> None:
    assert policy_flows(home(make.permission(make.subnet(LAN), make.subnet(DMZ), Match(6), but=(Match(),)))) == {}


def test_the_same_sentence_twice_is_one_flow_with_both_places() -> None:
    plain = make.permission(make.subnet(LAN), make.subnet(DMZ), make.HTTPS, expires=date(2030, 1, 1))
    logged = make.permission(make.subnet(LAN), make.subnet(DMZ), make.HTTPS, log=True, expires=date(2031, 1, 1))
    (flow,) = policy_flows(home(plain, logged)).values()
    assert flow.log and flow.expires == "2031-01-01"


def test_the_reason_is_the_sentence() -> None:
    sentence = Permission("policy:lan->dmz:https,ssh", make.at(9), make.subnet(LAN), make.subnet(DMZ), (make.HTTPS,))
    (flow,) = policy_flows(home(sentence)).values()
    assert flow.reason == "policy: lan -> dmz: https, ssh"
    assert [s.line for s in flow.spans] == [9]
