"""Answers to what came in by one of two uplinks: from a host behind a door, and from the router itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bailiwick.language import loads
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.plan.model import Plan
from bailiwick.targets.linux.nftables import firewall
from bailiwick.targets.linux.nftables.returning import returning
from bailiwick.targets.linux.nftables.syntax import Rule
from bailiwick.targets.linux.routing import routing
from tests.targets.linux.private_stage import on_stage

HOME = """
name: home
uplinks:
  fibre: {interface: gate/eth0, address: 9.0.1.10/24, gateway: 9.0.1.1}
  lte: {interface: gate/eth1, address: 9.1.1.10/24, gateway: 9.1.1.1}
zones:
  lan: {subnet: 192.168.10.0/24}
hosts:
  gate: {router: linux, ports: {eth2: lan}}
  web: {zone: lan, address: .9}
policy:
  - lan -> router: ssh
  - outside -> router: ssh
forward:
  web: {service: https, to: web}
dns: {upstreams: [9.9.9.9]}
"""

SCRIPT = """
mkdir -p /run/netns
echo 1 >/proc/sys/net/ipv4/ip_forward
wire() { # NAME PORT ROUTER'S-ADDRESS PEER'S-ADDRESS
    ip netns add "$1"
    ip link add "$2" type veth peer name wire netns "$1"
    ip address add "$3" dev "$2"; ip link set "$2" up
    ip -n "$1" address add "$4" dev wire; ip -n "$1" link set wire up; ip -n "$1" link set lo up
    ip -n "$1" route add default via "${3%/*}"
}
wire fibre eth0 9.0.1.10/24 9.0.1.1/24
wire lte eth1 9.1.1.10/24 9.1.1.1/24
wire web eth2 192.168.10.1/24 192.168.10.9/24
for name in fibre lte; do ip -n "$name" address add 50.1.0.9/32 dev lo; done
ip -n lte address add 9.0.1.77/32 dev lo # the fibre's neighbour, who came round
ip -n fibre address add 9.1.1.77/32 dev lo # and the other way about
ip route add default via 9.0.1.1 metric 100
ip route add default via 9.1.1.1 metric 200
ip route add default via 9.0.1.1 table FIBRE metric 1 # networkd's
ip route add default via 9.1.1.1 table LTE metric 1
sh /usr/lib/bailiwick/load-exits
sh /usr/lib/bailiwick/load-firewall
cat >/run/serve.py <<'END'
import socket, sys
ear = socket.create_server(("", int(sys.argv[1])))
while True:
    ear.accept()[0].sendall(b"here")
END
python3 /run/serve.py 22 &
ip netns exec web python3 /run/serve.py 443 &
wait_for 5 sh -c 'ss -Hltn sport = :22 | grep .'
wait_for 5 ip netns exec web sh -c 'ss -Hltn sport = :443 | grep .'
ask() {
    ip netns exec "$1" python3 -c 'if True:
        import socket, sys
        call = socket.create_connection((sys.argv[1], int(sys.argv[2])), 2, (sys.argv[3], 0))
        print(*sys.argv[1:], call.recv(9).decode())' "$2" "$3" "$4"
}
ask fibre 9.0.1.10 443 50.1.0.9
ask fibre 9.0.1.10 22 50.1.0.9
ask lte 9.1.1.10 443 50.1.0.9
ask lte 9.1.1.10 22 50.1.0.9
ask lte 9.1.1.10 22 9.1.1.1
ask lte 9.1.1.10 443 9.0.1.77
ask lte 9.1.1.10 22 9.0.1.77
ask fibre 9.0.1.10 443 9.1.1.77
ask fibre 9.0.1.10 22 9.1.1.77
"""


def planned(home: str = HOME) -> Plan:
    return make_plan(resolve(loads({"home.yaml": home}), date(2026, 6, 1)).network)


def test_only_answers_are_marked() -> None:
    plan = planned()
    marking, answering = returning(plan)
    came = [
        Rule(f'iifname "{back.interface}" ct state new ct mark set {back.mark}', (back.id,)) for back in plan.returns
    ]
    answered = [
        Rule(f"ct direction reply ct mark {back.mark} meta mark set {back.mark}", (back.id,)) for back in plan.returns
    ]
    assert [back.id for back in plan.returns] == ["return:fibre", "return:lte"]
    assert (marking.rules, answering.rules) == ((*came, *answered), tuple(answered))


def test_the_first_uplink_needs_no_way_back_where_nobody_knows_another_one_s_network() -> None:
    plan = planned(HOME.replace("address: 9.1.1.10/24, gateway: 9.1.1.1", "address: dhcp"))
    assert [back.id for back in plan.returns] == ["return:lte"]


@pytest.mark.real
def test_who_came_in_by_either_uplink_is_answered(tmp_path: Path) -> None:
    plan = planned()
    script = SCRIPT
    for back in plan.returns:
        script = script.replace(back.uplink.removeprefix("uplink:").upper(), str(back.table))
    done = on_stage((*routing(plan), *firewall(plan)), tmp_path, script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("here") == 9, done.stdout
