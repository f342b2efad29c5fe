from __future__ import annotations

from bailiwick.packets.interval import IntervalSet
from bailiwick.plan import exits as module
from bailiwick.plan import make_plan
from bailiwick.plan.model import Exit
from tests.plan import networks as make

LAN = make.zone("lan", 40)


def exits(*names: str) -> dict[str, Exit]:
    routes = tuple(
        make.route_out(name, "zone:lan", IntervalSet.single(int(LAN.subnet[10 + n])), f"uplink:{name}")
        for n, name in enumerate(names)
    )
    home = make.network(
        [LAN],
        [make.port("eth1", "lan")],
        uplinks=[make.uplink("wan"), *(make.tunnel(name) for name in names)],
        routes_out=routes,
    )
    return {e.id: e for e in make_plan(home).exits}


def test_numbers_follow_the_name_and_not_the_position() -> None:
    one, two = exits("ivpn", "mullvad"), exits("mullvad", "ivpn")
    assert {k: (e.table, e.resolver_port) for k, e in one.items()} == {
        k: (e.table, e.resolver_port) for k, e in two.items()
    }
    assert one["exit:ivpn"].table == exits("ivpn")["exit:ivpn"].table


def test_numbers_stay_apart() -> None:
    taken: set[int] = set()
    for _ in range(3):
        taken.add(module._number("same", taken))
    assert len(taken) == 3


def test_numbers_stay_out_of_the_way() -> None:
    (only,) = exits("ivpn").values()
    assert only.table > 255 and 1024 < only.resolver_port < 32768
    assert only.interface == "wg-ivpn"


def test_no_route_out_no_exit() -> None:
    assert exits() == {}
