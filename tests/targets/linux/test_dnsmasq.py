from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.network.dhcp_options import OPTIONS
from bailiwick.plan.model import Plan, Record
from bailiwick.targets.linux.dnsmasq import instances
from bailiwick.targets.linux.dnsmasq.options import NAMES, spelling
from bailiwick.targets.linux.dnsmasq.syntax import option, quote
from tests.targets.linux.private_stage import on_stage
from tests.targets.linux.router_plans import DHCP, PLAN, RESOLVERS, address, resolver


def config(plan: Plan, name: str = "main") -> list[str]:
    return next(a.text for a in instances(plan) if a.path.endswith(f"/{name}.conf")).splitlines()


def unquote(text: str) -> str:
    """As dnsmasq's reader takes quotes away: outside them everything is itself."""
    out, inside, letters = "", False, iter(text)
    for letter in letters:
        if letter == '"':
            inside = not inside
        elif inside and letter == "\\":
            out += next(letters)
        else:
            out += letter
    assert not inside
    return out


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20))
@settings(max_examples=200)
def test_quoting_is_undone_by_reading(text: str) -> None:
    assert unquote(quote(text)) == text


@pytest.mark.parametrize("text", ["line\nbreak", "caf\u00e9", "\x00"])
def test_what_cannot_be_written_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be given"):
        quote(text)


def test_an_option_without_fields_is_its_name_alone() -> None:
    assert option("bind-dynamic").text == "bind-dynamic"
    assert option("dhcp-option", "tag:a", "b c,d").text == 'dhcp-option=tag:a,"b c,d"'


def test_options_go_by_dnsmasqs_name_or_by_number() -> None:
    assert spelling(26) == "option:mtu"
    assert spelling(224) == "224"


def test_what_a_home_file_may_name_is_what_dnsmasq_names() -> None:
    assert {NAMES[number]: number for number, _ in OPTIONS.values()} == {
        n: number for n, (number, _) in OPTIONS.items()
    }


def test_what_the_home_file_says_replaces_what_follows() -> None:
    server = replace(DHCP[0], options={6: ("192.168.10.53",), 3: ("192.168.10.2",)})
    lines = config(replace(PLAN, dhcp=(server,)))
    assert [line for line in lines if "dns-server" in line] == [
        "dhcp-option=tag:zone-lan,option:dns-server,192.168.10.53"
    ]
    assert "dhcp-option=tag:zone-lan,option:router,192.168.10.2" in lines


def test_an_address_with_a_name_is_handed_to_nobody() -> None:
    records = tuple(Record(f"h{n}.home.arpa", address(f"192.168.10.{n}"), True, ()) for n in (99, 100, 150, 151))
    lines = config(replace(PLAN, resolvers=(resolver("main", records=records),), dhcp=DHCP[:1]))
    assert [line.split(",")[1:3] for line in lines if line.startswith("dhcp-range")] == [
        ["192.168.10.101", "192.168.10.149"],
        ["192.168.10.152", "192.168.10.199"],
    ]


def test_a_zone_of_reservations_alone_has_no_pool() -> None:
    lines = config(replace(PLAN, dhcp=(replace(DHCP[0], static_only=True),)))
    assert "dhcp-range=set:zone-lan,192.168.10.0,static,255.255.255.0,7200" in lines


def test_dhcp_alone_where_a_host_answers_dns() -> None:
    lines = config(replace(PLAN, resolvers=(resolver("main", serves=False),)))
    assert "port=0" in lines
    assert not any(line.startswith(("server=", "host-record=")) for line in lines)


def test_a_main_instance_with_nothing_to_do_is_none() -> None:
    assert instances(replace(PLAN, resolvers=(resolver("main", serves=False),), dhcp=())) == ()


def test_dhcp_is_served_where_it_is_said_and_nowhere_else() -> None:
    lines = config(replace(PLAN, dhcp=DHCP[:1]))
    assert "no-dhcp-interface=eth3.50" in lines
    assert "no-dhcp-interface=lan" not in lines


def test_an_exit_asks_through_its_interface_alone() -> None:
    lines = config(PLAN, "ivpn")
    assert [line for line in lines if line.startswith("server=")] == ["server=203.0.113.53@wg-ivpn"]
    assert "port=21164" in lines
    assert "except-interface=lo" in lines
    assert not any(line.startswith("dhcp-range") for line in lines)


def test_rebinding_is_refused_for_zones_that_dnsmasq_takes_for_public() -> None:
    assert "bogus-nxdomain=198.18.50.0/24" in config(PLAN)
    private = replace(PLAN, home_subnets=(IPv4Network("10.0.0.0/8"), IPv4Network("192.168.10.0/24")))
    assert not any(line.startswith("bogus-nxdomain") for line in config(private))
    off = replace(PLAN, resolvers=(resolver("main", rebind_protection=False),))
    assert not any("rebind" in line or "bogus-nxdomain" in line for line in config(off))


def test_the_canonical_name_of_an_address_comes_first() -> None:
    names = [line.split("=")[1].split(",")[0] for line in config(PLAN) if line.startswith("host-record=")]
    assert names[0] == "cloud.lan.home.arpa"
    assert set(names) == {record.name for record in RESOLVERS[0].records}


def test_a_lease_for_every_address_of_every_pool() -> None:
    assert "dhcp-lease-max=101" in config(PLAN)


ZONES = """
for zone in lan:192.168.10.1/24 eth3.50:198.18.50.1/24; do
    name=${zone%%:*}
    ip link add "$name" type veth peer name "p-$name"; ip address add "${zone#*:}" dev "$name"; ip link set "$name" up
    ip netns add "c-$name"; ip link set "p-$name" netns "c-$name"
    ip -n "c-$name" link set "p-$name" up; ip -n "c-$name" link set lo up
done
ip link add wan0 type veth peer name p-wan0; ip netns add net; ip link set p-wan0 netns net
ip address add 203.0.113.2/24 dev wan0; ip link set wan0 up
ip -n net address add 203.0.113.53/24 dev p-wan0; ip -n net link set p-wan0 up; ip -n net link set lo up
ip netns exec net dnsmasq --conf-file=/dev/null --no-hosts --no-resolv --pid-file= \
    --bind-interfaces --interface=p-wan0 \
    --address=/public.example/93.184.216.34 --address=/evil.example/192.168.10.5 --address=/gap.example/198.18.50.20 \
    --address=/in.vpn.example/10.0.0.9 --address=/anything.home.arpa/93.184.216.1
run_dnsmasq() { dnsmasq -k -C "/etc/bailiwick/dnsmasq/$1.conf" --user=root 2>>"/run/$1.log" & }
cat >/run/lease <<'END'
#!/bin/sh
[ "$1" = bound ] || exit 0
echo "ip=$ip mask=$mask router=$router dns=$dns domain=$domain search=$search ntp=$ntpsrv mtu=$mtu lease=$lease"
ip address add "$ip/$mask" dev "$interface"
END
chmod +x /run/lease
client() {
    ip netns exec "c-$1" busybox udhcpc -i "p-$1" -n -q -f -t 5 -T 1 -s /run/lease -O search -O mtu -O ntpsrv 2>&1
}
ask() { ip netns exec c-lan busybox nslookup "$@" 192.168.10.1 2>&1 | tr '\\n' ' '; echo; }
"""


@pytest.mark.real
def test_the_daemon_leases_and_answers(tmp_path: Path) -> None:
    script = (
        ZONES
        + """
dnsmasq --test -C /etc/bailiwick/dnsmasq/main.conf
ip -n c-lan link set p-lan address 52:54:00:aa:00:05
run_dnsmasq main
wait_for 10 grep -q 'started, version' /run/main.log
client lan
client eth3.50 || echo "nothing for a stranger"
for name in cloud.lan.home.arpa files.home.arpa public.example anything.home.arpa evil.example gap.example \
    in.vpn.example use-application-dns.net; do echo "$name: $(ask $name)"; done
echo "reverse: $(ask 192.168.10.5)"
echo "reverse of the free: $(ask 192.168.10.77)"
cat /run/main.log >&2
"""
    )
    done = on_stage(instances(PLAN), tmp_path, script)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ip=192.168.10.5 mask=24 router=192.168.10.1 dns=192.168.10.1 domain=lan.home.arpa" in done.stdout
    assert "search=lan.home.arpa home.arpa ntp=192.168.10.9 mtu=1400 lease=7200" in done.stdout
    assert "nothing for a stranger" in done.stdout
    answers = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    for name, found in {
        "cloud.lan.home.arpa": "192.168.10.5",
        "files.home.arpa": "192.168.10.5",
        "public.example": "93.184.216.34",
        "in.vpn.example": "10.0.0.9",
        "reverse": "cloud.lan.home.arpa",
    }.items():
        assert found in answers[name].split("Name:")[-1] or found in answers[name], (name, answers[name])
    for name, never in {
        "anything.home.arpa": "93.184.216.1",
        "evil.example": "Address: 192.168.10.5",
        "gap.example": "198.18.50.20",
    }.items():
        assert never not in answers[name], (name, answers[name])
    assert "NXDOMAIN" in answers["use-application-dns.net"]
    assert "files" not in answers["reverse"]
    assert "NXDOMAIN" in answers["reverse of the free"]
    assert "rebind" in done.stderr


@pytest.mark.real
def test_the_only_free_address_is_never_a_named_one(tmp_path: Path) -> None:
    records = (Record("nas.home.arpa", address("192.168.10.101"), True, ()),)
    server = replace(DHCP[0], pool=(address("192.168.10.101"), address("192.168.10.102")), reservations=())
    plan = replace(PLAN, resolvers=(resolver("main", records=records),), dhcp=(server,))
    script = (
        ZONES
        + """
run_dnsmasq main
wait_for 10 grep -q 'started, version' /run/main.log
client lan
ip -n c-lan link set p-lan address 52:54:00:aa:00:99
client lan || echo "nothing for the second"
"""
    )
    done = on_stage(instances(plan), tmp_path, script)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ip=192.168.10.102") == 1
    assert "ip=192.168.10.101" not in done.stdout
    assert "nothing for the second" in done.stdout


@pytest.mark.real
def test_an_exit_resolver_asks_by_its_interface_alone_and_survives_its_return(tmp_path: Path) -> None:
    """The upstream can be reached by the other uplink all the time: nothing may be asked there."""
    script = (
        ZONES
        + """
ip -n c-lan address add 192.168.10.66/24 dev p-lan
run_dnsmasq ivpn
wait_for 10 grep -q 'started, version' /run/ivpn.log
asks() { ip netns exec c-lan timeout 2 busybox nslookup public.example 192.168.10.1:21164; }
answered() { asks 2>&1 | grep -q 93.184.216.34; }
raise() {
    ip link add wg-ivpn type veth peer name far netns net
    ip -n net link set far up
    ip address add 172.24.18.6/32 dev wg-ivpn; ip link set wg-ivpn up
    ip route add 203.0.113.53 dev wg-ivpn; ip -n net route replace 172.24.18.6 dev far
}
if answered; then echo "answered before its interface came"; exit 1; fi
raise; wait_for 15 answered
ip link delete wg-ivpn
: >/run/ivpn.log
kill -HUP $!  # forgets the answer
wait_for 10 grep -q 'cleared cache' /run/ivpn.log
if answered; then echo "answered without its interface"; exit 1; fi
raise; wait_for 15 answered
"""
    )
    done = on_stage(instances(PLAN), tmp_path, script)
    assert done.returncode == 0, done.stdout + done.stderr
