from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bailiwick.targets.linux.routing import BATCH, LOADER, PROTOCOL, routing
from tests.targets.linux.private_stage import on_stage
from tests.targets.linux.router_plans import PLAN

LINKS = """
echo 1 >/proc/sys/net/ipv4/ip_forward
ip link add lan type veth peer name p-lan; ip address add 192.168.10.1/24 dev lan
ip link add wan0 type veth peer name p-wan0; ip address add 192.0.2.10/24 dev wan0
for name in lan p-lan wan0 p-wan0; do ip link set "$name" up; done
ip route add default via 192.0.2.1
load=/usr/lib/bailiwick/load-exits
way() { ip route get "$1" from "$2" iif lan 2>&1 || true; }
"""


def batch_lines() -> list[str]:
    batch = routing(PLAN)[0]
    return [line for line in batch.text.splitlines() if line and not line.startswith("#")]


def test_every_line_bears_the_mark_that_the_loader_replaces() -> None:
    assert all(line.endswith(f" protocol {PROTOCOL}") for line in batch_lines())
    loader = next(a for a in routing(PLAN) if a.path == LOADER)
    assert f" protocol {PROTOCOL}\\$/" in loader.text
    assert f'numbers="{PROTOCOL} ' in loader.text


def test_the_home_comes_first_then_the_exit_then_nothing() -> None:
    preferences = [int(line.split(" pref ")[1].split()[0]) for line in batch_lines() if line.startswith("rule")]
    for exit_ in PLAN.exits:
        for source in exit_.sources.cidrs():
            mine = [line for line in batch_lines() if f"from {source} " in line]
            assert [line.split(f"from {source} ")[1].rsplit(" protocol", 1)[0] for line in mine] == [
                f"lookup {exit_.table}",
                "unreachable",
            ]
    assert max(preferences) < 32766
    assert min(preferences) > 0


def test_without_exits_the_batch_only_takes_rules_away() -> None:
    batch = routing(replace(PLAN, exits=()))[0]
    assert all(line.startswith("#") or not line for line in batch.text.splitlines())
    assert batch.path == BATCH


@pytest.mark.real
def test_sources_of_an_exit_leave_by_it_or_not_at_all(tmp_path: Path) -> None:
    script = (
        LINKS
        + """
sh "$load"
echo "absent: $(way 93.184.216.34 192.168.10.66)"
echo "home: $(way 192.168.10.9 192.168.10.66)"
echo "others: $(way 93.184.216.34 192.168.10.7)"
ip link add wg-ivpn type veth peer name far; ip link set far up; ip link set wg-ivpn up
ip address add 172.24.18.6/32 dev wg-ivpn
ip route add default dev wg-ivpn table 21164 metric 1
echo "up: $(way 93.184.216.34 192.168.10.66)"
echo "bound: $(ip route get 9.9.9.9 oif wg-ivpn 2>&1)"
ip link set wg-ivpn down
echo "down: $(way 93.184.216.34 192.168.10.66)"
ip link delete wg-ivpn
echo "gone: $(way 93.184.216.34 192.168.10.66)"
ip link delete lan
echo "no home: $(ip route get 192.168.10.9 2>&1 || true)"
"""
    )
    done = on_stage(routing(PLAN), tmp_path, script)
    assert done.returncode == 0, done.stderr
    said = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    for state in ("absent", "down", "gone"):
        assert "unreachable" in said[state] or "No route to host" in said[state], (state, said)
    assert "dev lan" in said["home"]
    assert "dev wan0" in said["others"]
    assert "dev wg-ivpn" in said["up"]
    assert "dev wg-ivpn" in said["bound"]
    assert "via 192.0.2.1" in said["no home"]  # nobody's exit: the filter's business, not the routing's


@pytest.mark.real
def test_loading_again_changes_nothing_and_a_new_batch_replaces_the_old(tmp_path: Path) -> None:
    script = (
        LINKS
        + """
ip rule add pref 77 from 198.51.100.7 unreachable
bare() { ip rule show | sed 's/ proto [0-9]*//'; ip route show table all type unreachable | sed 's/ proto [0-9]*//'; }
sh "$load"; bare >/run/first
sh "$load"; bare >/run/second
cmp /run/first /run/second
grep -c . /run/first
# A load cut short leaves half a batch under the next number: the next load takes it away.
ip rule add pref 1100 from 192.168.10.99 lookup 500 protocol 144
sh "$load"; bare | cmp /run/first -
# A batch that is refused leaves what was there.
cp /etc/bailiwick/exits.batch /run/good
echo 'rule add pref 1 from nonsense lookup 5 protocol 141' >> /etc/bailiwick/exits.batch
if sh "$load" 2>/run/said; then echo "a broken batch was taken"; exit 1; fi
cat /run/said
bare | cmp /run/first -
echo '# none' > /etc/bailiwick/exits.batch
sh "$load"
ip rule show; ip route show table all type unreachable
"""
    )
    done = on_stage(routing(PLAN), tmp_path, script)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the rules are as they were" in done.stdout
    after = done.stdout.split("the rules are as they were", 1)[1]
    assert "77:" in after
    assert "192.168.10" not in after
    assert "unreachable default" not in after


@pytest.mark.real
def test_no_packet_of_an_exit_falls_to_the_main_table_while_it_is_loaded(tmp_path: Path) -> None:
    """Asked all the time while the batch is loaded over and over: never by the other uplink."""
    script = (
        LINKS
        + """
sh "$load"
( i=0; while [ "$i" -lt 30 ]; do sh "$load"; i=$(( i + 1 )); done; touch /run/done ) &
asked=0
while [ ! -e /run/done ]; do
    case "$(way 93.184.216.34 192.168.10.66)" in *wan0*) echo leaked; exit 1 ;; esac
    asked=$(( asked + 1 ))
done
echo "asked $asked"
"""
    )
    done = on_stage(routing(PLAN), tmp_path, script)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split("asked ")[1]) > 10
