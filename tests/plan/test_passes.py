"""The whole plan of one small home."""

from __future__ import annotations

from bailiwick.packets.interval import IntervalSet
from bailiwick.plan import make_plan
from tests.plan import networks as make


def test_a_home_of_two_zones_with_a_tunnel_is_planned() -> None:
    lan, dmz = make.zone("lan", 40, dhcp=True), make.zone("dmz", 30)
    torrent = IntervalSet.single(int(lan.subnet[66]))
    home = make.network(
        (lan, dmz),
        (make.port("eth1", None, "lan", "dmz"),),
        uplinks=(make.uplink("wan"), make.tunnel("ivpn")),
        hosts=(make.host("web", "zone:dmz", "192.168.30.5"),),
        policy=(make.permission(make.subnet(lan), make.INTERNET, make.ANY),),
        forwards=(make.forward("web", "zone:dmz", "192.168.30.5"),),
        routes_out=(make.route_out("torrent", "zone:lan", torrent, "uplink:ivpn"),),
    )
    plan = make_plan(home)
    assert [i.name for i in plan.interfaces] == ["eth0", "eth1", "dmz", "lan", "wg-ivpn"]
    ways = {f.egress: f.sources for f in plan.flows if f.id.startswith("flow:policy:")}
    assert ways["uplink:ivpn"] == torrent
    assert ways["uplink:wan"] == IntervalSet.networks((lan.subnet,)) - torrent
    assert [t.id for t in plan.translations] == ["dns:ivpn:tcp/53", "dns:ivpn:udp/53", "dnat:web", "hairpin:web/dmz"]
