from __future__ import annotations

from dataclasses import replace

from bailiwick.network.model import Match, Network
from bailiwick.packets.interval import IntervalSet
from bailiwick.plan import make_plan
from bailiwick.plan.model import Plan
from tests.plan import networks as make

LAN, DMZ, IOT = make.zone("lan", 40), make.zone("dmz", 30), make.zone("iot", 50)
PORTS = [make.port("eth1", None, "lan", "dmz", "iot")]
WEB = make.forward("web", "zone:dmz", "192.168.30.5")


def home(*forwards: object, **more: object) -> Network:
    hosts = [make.host("web", "zone:dmz", "192.168.30.5")]
    return make.network([LAN, DMZ, IOT], PORTS, hosts=hosts, forwards=forwards, **more)  # type: ignore[arg-type]


def ids(plan: Plan) -> list[str]:
    return [t.id for t in plan.translations]


def test_a_forward_is_a_translation_and_a_flow_for_translated_packets_alone() -> None:
    plan = make_plan(home(WEB))
    door = plan.translations[0]
    assert (door.id, door.ingresses, door.destinations, str(door.to_address)) == (
        "dnat:web",
        ("uplink:wan",),
        None,
        "192.168.30.5",
    )
    (flow,) = (f for f in plan.flows if f.id == "flow:forward:web/wan>dmz")
    assert flow.translated and flow.destinations == IntervalSet.single(int(WEB.address))


def test_the_host_sees_its_own_port() -> None:
    plan = make_plan(home(make.forward("web", "zone:dmz", "192.168.30.5", to_port=8443)))
    (flow,) = (f for f in plan.flows if f.id == "flow:forward:web/wan>dmz")
    assert flow.matches == (Match(6, (8443, 8443)),)
    assert plan.translations[0].match == make.HTTPS and plan.translations[0].to_port == 8443


def test_each_range_of_a_service_has_its_own_translation() -> None:
    two = replace(WEB, matches=(Match(6, (80, 80)), make.HTTPS))
    assert ids(make_plan(home(two)))[::2] == ["dnat:web:tcp/80", "dnat:web:tcp/443"]


def test_hairpin_from_the_zone_that_a_sentence_lets_in() -> None:
    sentence = make.permission(make.subnet(LAN), make.subnet(DMZ), make.HTTPS)
    assert ids(make_plan(home(WEB, policy=(sentence,)))) == ["dnat:web", "hairpin:web/dmz", "hairpin:web/lan"]


def test_no_hairpin_for_another_service_or_another_host() -> None:
    other_host = make.permission(
        make.subnet(IOT), make.party("zone:dmz", IntervalSet.single(int(DMZ.subnet[9]))), make.ANY
    )
    other_port = make.permission(make.subnet(LAN), make.subnet(DMZ), Match(6, (22, 22)))
    assert ids(make_plan(home(WEB, policy=(other_host, other_port)))) == ["dnat:web", "hairpin:web/dmz"]


def test_what_except_takes_away_has_no_hairpin() -> None:
    sentence = make.permission(make.subnet(LAN), make.subnet(DMZ), make.ANY, but=(make.HTTPS,))
    assert "hairpin:web/lan" not in ids(make_plan(home(WEB, policy=(sentence,))))


def test_hairpin_is_for_those_whom_the_sentence_names() -> None:
    one = IntervalSet.single(int(LAN.subnet[7]))
    sentence = make.permission(make.party("zone:lan", one), make.subnet(DMZ), make.HTTPS)
    plan = make_plan(home(WEB, policy=(sentence,)))
    assert next(t for t in plan.translations if t.id == "hairpin:web/lan").sources == one


def test_the_hosts_own_zone_comes_back_through_the_router() -> None:
    plan = make_plan(home(WEB))
    assert any(f.ingress == f.egress == "zone:dmz" and f.translated for f in plan.flows)
    assert [m.egress for m in plan.masquerades if m.hairpin] == ["zone:dmz"]


def test_an_isolated_zone_has_no_hairpin_of_its_own() -> None:
    network = home(WEB)
    isolated = replace(network, zones={**network.zones, "dmz": replace(DMZ, isolate=True)})
    plan = make_plan(isolated)
    assert ids(plan) == ["dnat:web"]
    assert not any(m.hairpin for m in plan.masquerades)


def test_no_door_leads_dns_around_the_exits_resolver() -> None:
    one = IntervalSet.single(int(LAN.subnet[7]))
    door = make.forward("names", "zone:dmz", "192.168.30.5", Match(17, (5353, 5353)), to_port=53)
    plan = make_plan(
        home(
            door,
            uplinks=[make.uplink("wan"), make.tunnel("vpn")],
            policy=(make.permission(make.subnet(LAN), make.subnet(DMZ), make.ANY),),
            routes_out=(make.route_out("one", "zone:lan", one, "uplink:vpn"),),
        )
    )
    assert not next(t for t in plan.translations if t.id == "hairpin:names/lan").sources & one
