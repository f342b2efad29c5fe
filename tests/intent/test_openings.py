"""What opens by itself, on small homes with one thing in them that asks for it."""

from __future__ import annotations

import pytest

from bailiwick.intent import Intent
from tests.intent.flows import packet, small_home


def accepted_by(intent: Intent, flow: str) -> set[str]:
    return {one.id for one in intent.accepts(packet(flow))}


def test_the_router_answers_dns_on_each_zones_own_gateway() -> None:
    home = small_home()
    assert accepted_by(home, "dmz 192.168.30.5 -> router 192.168.30.1 udp/53") == {"derived:dns:dmz"}
    assert not accepted_by(home, "dmz 192.168.30.5 -> router 192.168.40.1 udp/53")


def test_a_host_that_serves_dns_takes_the_routers_place() -> None:
    home = small_home(hosts="ns: {zone: dmz, address: .53, serves: dns}")
    assert accepted_by(home, "lan 192.168.40.7 -> dmz 192.168.30.53 tcp/53") == {"derived:dns:lan"}
    assert not accepted_by(home, "lan 192.168.40.7 -> router 192.168.40.1 udp/53")
    assert "derived:dns:dmz" not in {one.id for one in home.meant}


def test_forced_queries_are_accepted_where_the_redirect_takes_them() -> None:
    home = small_home(policy=["lan -> internet: any"], dns="force: [lan]")
    landed = "lan 192.168.40.7 -> router 192.168.40.1 udp/53 translated"
    assert accepted_by(home, landed) == {"derived:dns:lan", "derived:redirect:lan"}
    assert not accepted_by(home, "lan 192.168.40.7 -> wan 9.9.9.9 udp/53")
    assert accepted_by(home, "lan 192.168.40.7 -> wan 9.9.9.9 udp/54")


def test_the_resolvers_own_queries_are_not_sent_back_to_it() -> None:
    home = small_home(
        hosts="ns: {zone: dmz, address: .53, serves: dns}", policy=["dmz -> internet: any"], dns="force: [dmz]"
    )
    assert accepted_by(home, "dmz 192.168.30.53 -> wan 9.9.9.9 udp/53") == {"policy:dmz->internet:any"}
    assert not accepted_by(home, "dmz 192.168.30.53 -> dmz 192.168.30.53 udp/53 translated")
    assert accepted_by(home, "dmz 192.168.30.5 -> dmz 192.168.30.53 udp/53 translated") == {"derived:redirect:dmz"}
    assert not accepted_by(home, "dmz 192.168.30.5 -> dmz 192.168.30.53 udp/53")
    assert not accepted_by(home, "dmz 192.168.30.5 -> wan 9.9.9.9 udp/53")


def test_time_is_asked_only_of_a_declared_server() -> None:
    ask = "lan 192.168.40.7 -> dmz 192.168.30.9 udp/123"
    assert accepted_by(small_home(hosts="clock: {zone: dmz, address: .9, serves: ntp}"), ask) == {"derived:ntp:lan"}
    assert not accepted_by(small_home(), ask)


def test_a_forward_to_another_port_is_seen_behind_the_translation() -> None:
    home = small_home(forward="web: {service: tcp/8443-8445, to: proxy, port: 443}")
    assert accepted_by(home, "wan 9.9.9.9 -> dmz 192.168.30.5 tcp/443 translated") == {"forward:web"}
    assert accepted_by(home, "wan 9.9.9.9 -> dmz 192.168.30.5 tcp/445 translated") == {"forward:web"}
    assert not accepted_by(home, "wan 9.9.9.9 -> dmz 192.168.30.5 tcp/446 translated")
    assert not accepted_by(home, "wan 9.9.9.9 -> dmz 192.168.30.5 tcp/8443 translated")


def test_a_hairpin_leads_no_further_than_the_sentence() -> None:
    forward = "web: {service: tcp/8443, to: proxy, port: 443}"
    home = small_home(policy=["laptop -> proxy: https"], forward=forward)
    way = "dmz 192.168.30.5 tcp/443 translated"
    assert accepted_by(home, f"lan 192.168.40.7 -> {way}") == {
        "policy:laptop->proxy:https",
        "derived:hairpin:web:lan",
    }
    assert not accepted_by(home, f"lan 192.168.40.8 -> {way}")
    outer_port_alone = small_home(policy=["laptop -> proxy: tcp/8443"], forward=forward)
    assert not accepted_by(outer_port_alone, f"lan 192.168.40.7 -> {way}")


@pytest.mark.parametrize(
    ("zone", "net", "found"), [("guests", 60, {"derived:hairpin:web:guests"}), ("things", 70, set())]
)
def test_a_hairpin_inside_the_zone_unless_its_clients_are_kept_apart(zone: str, net: int, found: set[str]) -> None:
    home = small_home(hosts=f"app: {{zone: {zone}, address: .9}}", forward="web: {service: https, to: app}")
    way = f"{zone} 192.168.{net}.7 -> {zone} 192.168.{net}.9 tcp/443"
    assert accepted_by(home, f"{way} translated") == found
    assert not accepted_by(home, way)


def test_two_uplinks_carry_the_internet_and_each_its_own_modem() -> None:
    home = small_home(
        uplinks="wan2: {interface: gate/eth9, address: dhcp, modem: 192.168.200.1}",
        policy=["lan -> internet, modem: any"],
    )
    assert accepted_by(home, "lan 192.168.40.7 -> wan 9.9.9.9 tcp/443")
    assert accepted_by(home, "lan 192.168.40.7 -> wan2 9.9.9.9 tcp/443")
    assert accepted_by(home, "lan 192.168.40.7 -> wan2 192.168.200.1 tcp/80")
    assert not accepted_by(home, "lan 192.168.40.7 -> wan 192.168.200.1 tcp/80")


def test_who_has_their_own_way_out_never_reaches_another_uplinks_modem() -> None:
    home = small_home(policy=["lan -> internet, modem: any"], route_out="laptop: ivpn")
    assert not accepted_by(home, "lan 192.168.40.7 -> wan 192.168.100.1 tcp/80")
    assert accepted_by(home, "lan 192.168.40.8 -> wan 192.168.100.1 tcp/80")
    assert accepted_by(home, "lan 192.168.40.7 -> ivpn 9.9.9.9 tcp/443")


def test_what_outside_may_open_on_the_router_enters_by_no_tunnel() -> None:
    home = small_home(policy=["outside -> router: udp/51820"])
    assert accepted_by(home, "wan 9.9.9.9 -> router 81.2.69.142 udp/51820") == {"policy:outside->router:udp/51820"}
    assert not accepted_by(home, "ivpn 9.9.9.9 -> router 172.24.18.6 udp/51820")
    assert not accepted_by(home, "unknown 9.9.9.9 -> router 81.2.69.142 udp/51820")
    assert not accepted_by(home, "wan 10.1.2.3 -> router 81.2.69.142 udp/51820")
