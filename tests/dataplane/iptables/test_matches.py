"""One case for each way to say something of a packet."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Network

import pytest

from bailiwick.dataplane.rules import (
    Accept,
    AddressType,
    AnyOf,
    Drop,
    Note,
    OnInterface,
    ReturnPath,
    Scramble,
    Step,
    Unknown,
    Whatever,
)
from bailiwick.packets.interval import IntervalSet
from tests.dataplane.iptables.rules_of import is_in, reading, rule_of, steps_of

TEN = (int(IPv4Address("10.0.0.0")), int(IPv4Address("10.255.255.255")))
DOC = IPv6Network("2001:db8::/32")
NEVER = is_in("protocol")
TCP, UDP, ICMP = is_in("protocol", 6), is_in("protocol", 17), is_in("protocol", 1)
OWN = OnInterface("iif", ("*",), negated=True)


def steady(text: str) -> Unknown:
    return Unknown(text, steady=True, key=text)


@pytest.mark.parametrize(
    ("rule", "steps"),
    [
        ("", []),
        ("-s 10.0.0.0/8", [is_in("source", TEN)]),
        ("-s 10.1.2.3/255.0.0.0", [is_in("source", TEN)]),
        ("! -d 10.0.0.0/8", [is_in("destination", TEN, negated=True)]),
        ("-d ! 10.0.0.0/8", [is_in("destination", TEN, negated=True)]),
        ("--src 10.0.0.0/8 --dst 10.1.1.1", [is_in("source", TEN), is_in("destination", 0x0A010101)]),
        ("-s 10.0.0.1/255.0.255.0", [is_in("source", 0x0A000000, mask=0xFF00FF00)]),
        ("! -s 10.0.0.1/255.0.255.0", [is_in("source", 0x0A000000, mask=0xFF00FF00, negated=True)]),
        ("-s 0.0.0.0/0", []),
        ("! -s 0.0.0.0/0", [NEVER]),
        ("-s 10.0.0.0/9,10.128.0.0/9", [is_in("source", TEN)]),
        ("-i eth0 ! -o ppp+", [OnInterface("iif", ("eth0",)), OnInterface("oif", ("ppp*",), negated=True)]),
        ("-o eth1 -i eth0", [OnInterface("iif", ("eth0",)), OnInterface("oif", ("eth1",))]),
        ("-i +", []),
        ("! -i +", [NEVER]),
        ("-i eth+x", [OnInterface("iif", ("eth+x",))]),
        ("-p tcp", [TCP]),
        ("-p TCP", [TCP]),
        ("-p 0x11", [UDP]),
        ("-p all", []),
        ("! -p esp", [is_in("protocol", 50, negated=True)]),
        ("-f", [steady("IPv4 fragment other than the first")]),
        ("! -f", [AnyOf(((steady("IPv4 fragment other than the first"),),), negated=True)]),
        ("-4", []),
        ("-p tcp -m tcp --dport 22", [TCP, is_in("destination_port", 22)]),
        ("-p tcp --dport ssh", [TCP, is_in("destination_port", 22)]),
        ("-ptcp --destination-port=22", [TCP, is_in("destination_port", 22)]),
        ("-m tcp --dport 22", [TCP, is_in("destination_port", 22)]),
        ("-p udp -m udp --sport 1024: ! --dport :53", [UDP, is_in("source_port", (1024, 65535)),
                                                       is_in("destination_port", (0, 53), negated=True)]),
        ("-p udp -m udp --dport ! 53", [UDP, is_in("destination_port", 53, negated=True)]),
        ("-p sctp -m sctp --dport 7:9", [is_in("protocol", 132), is_in("destination_port", (7, 9))]),
        ("-p udplite -m udplite --dport 7", [is_in("protocol", 136), is_in("destination_port", 7)]),
        ("-p tcp --syn", [TCP, is_in("tcp_flags", 2, mask=23)]),
        ("-p tcp ! --syn", [TCP, is_in("tcp_flags", 2, mask=23, negated=True)]),
        ("-p tcp -m tcp --tcp-flags ALL NONE", [TCP, is_in("tcp_flags", 0, mask=63)]),
        ("-p tcp -m tcp ! --tcp-flags SYN,RST,URG SYN", [TCP, is_in("tcp_flags", 2, mask=38, negated=True)]),
        ("-p tcp -m tcp --tcp-flags SYN ACK", [TCP, is_in("tcp_flags", 16, mask=2)]),
        ("-p tcp -m tcp ! --tcp-option 5", [TCP, AnyOf(((steady("tcp --tcp-option 5"),),), negated=True)]),
        ("-p tcp -m multiport --dports 22,80:81", [TCP, is_in("destination_port", 22, (80, 81))]),
        ("-p tcp -m multiport ! --sports 22", [TCP, is_in("source_port", 22, negated=True)]),
        ("-p tcp -m multiport --ports 1,2", [TCP, AnyOf(((is_in("source_port", 1, 2),),
                                                        (is_in("destination_port", 1, 2),)))]),
        ("-p tcp -m multiport ! --ports 1", [TCP, AnyOf(((is_in("source_port", 1),),
                                                        (is_in("destination_port", 1),)), negated=True)]),
        ("-p icmp -m icmp --icmp-type 8", [ICMP, is_in("icmp_type", 8)]),
        ("-p icmp --icmp-type ping", [ICMP, is_in("icmp_type", 8)]),
        ("-p icmp --icmp-type port-unreachable", [ICMP, is_in("icmp_type", 3), is_in("icmp_code", 3)]),
        ("-p icmp ! --icmp-type 3/1", [ICMP, AnyOf(((is_in("icmp_type", 3), is_in("icmp_code", 1)),), negated=True)]),
        ("-p icmp -m icmp --icmp-type any", [ICMP]),
        ("-p icmp -m icmp --icmp-type 255", [ICMP]),
        ("-p icmp -m icmp ! --icmp-type any", [ICMP, AnyOf(((),), negated=True)]),
        ("-m iprange --src-range 10.0.0.0-10.255.255.255", [is_in("source", TEN)]),
        ("-m iprange ! --dst-range 10.1.1.1", [is_in("destination", 0x0A010101, negated=True)]),
        ("-m iprange --src-range 10.0.0.9-10.0.0.1", [is_in("source")]),
        ("-m mark --mark 0x1", [is_in("mark", 1, mask=0xFFFFFFFF)]),
        ("-m mark ! --mark 0x10/0xf0", [is_in("mark", 0x10, mask=0xF0, negated=True)]),
        ("-m mark --mark 0x1 -m connmark --mark 2", [is_in("mark", 1, mask=0xFFFFFFFF), is_in("state", (0, 2)),
                                                     is_in("ct_mark", 2, mask=0xFFFFFFFF)]),
        ("-m addrtype --dst-type LOCAL,UNICAST", [AddressType("destination", frozenset({"local", "unicast"}))]),
        ("-m addrtype ! --src-type LOCAL --limit-iface-in",
         [AddressType("source", frozenset({"local"}), negated=True, limit_iif=True)]),
        ("-m addrtype --dst-type LOCAL --limit-iface-out",
         [steady("addrtype destination LOCAL, limited to the egress interface")]),
        ("-m mac ! --mac-source 02:00:00:00:00:0A",
         [AnyOf(((steady("mac --mac-source 02:00:00:00:00:0a"),),), negated=True)]),
        ("-m physdev --physdev-in a --physdev-is-bridged",
         [steady("physdev --physdev-in a"), steady("physdev --physdev-is-bridged")]),
        ("-m pkttype --pkt-type broadcast", [steady("pkttype --pkt-type broadcast")]),
        ("-m owner --uid-owner 5", [OWN, steady("owner --uid-owner 5")]),
        ("-m owner ! --uid-owner 5", [AnyOf(((OWN, steady("owner --uid-owner 5")),), negated=True)]),
        ("-m comment --comment x", []),
        ("-m limit --limit 5/min", [Unknown("limit --limit 5/min")]),
        ("-m recent --rcheck --name x", [Unknown("recent --rcheck --name x")]),
        ("-m recent --set --name x", [Note("recent --set --name x")]),
        ("-m recent ! --set --name x", [Note("recent ! --set --name x"), NEVER]),
        ("-m rpfilter", [ReturnPath(missing=False)]),
        ("-m rpfilter --invert --loose --validmark", [ReturnPath(missing=True, any_interface=True, marked=True)]),
        ("-m rpfilter --invert --accept-local",
         [AnyOf(((ReturnPath(missing=False),), (AddressType("source", frozenset({"local"}), limit_iif=True),)),
                negated=True)]),
        ("-m set --match-set bad src", [steady("set bad src")]),
        ("-m set ! --match-set bad src,dst", [AnyOf(((steady("set bad src,dst"),),), negated=True)]),
    ],
)  # fmt: skip
def test_a_match_of_ipv4(rule: str, steps: list[Step]) -> None:
    assert steps_of(f"{rule} -j ACCEPT") == (*steps, Accept())


@pytest.mark.parametrize(
    ("rule", "steps"),
    [
        ("-s 2001:db8::/32", [is_in("source", (int(DOC[0]), int(DOC[-1])))]),
        ("-s ::/0", []),
        ("-p ipv6-icmp -m icmp6 --icmpv6-type 1/4",
         [is_in("protocol", 58), is_in("icmp_type", 1), is_in("icmp_code", 4)]),
        ("-p icmpv6 --icmpv6-type router-advertisement", [is_in("protocol", 58), is_in("icmp_type", 134)]),
        ("-m addrtype --dst-type LOCAL", [AnyOf(((AddressType("destination", frozenset({"local"})),),))]),
        ("-m addrtype ! --src-type MULTICAST,LOCAL",
         [AnyOf(((is_in("source", (0xFF << 120, (1 << 128) - 1)), AddressType("source", frozenset({"local"}))),),
                negated=True)]),
        ("-m hl --hl-eq 255", [Unknown("hl --hl-eq 255")]),
        ("-m frag --fragfirst", [Unknown("frag --fragfirst")]),
        ("-m iprange --src-range 2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
         [is_in("source", (int(DOC[0]), int(DOC[-1])))]),
    ],
)  # fmt: skip
def test_a_match_of_ipv6(rule: str, steps: list[Step]) -> None:
    assert steps_of(f"{rule} -j ACCEPT", family=6) == (*steps, Accept())


@pytest.mark.parametrize(
    "match",
    [
        "limit --limit 1/s", "hashlimit --hashlimit-upto 1/s --hashlimit-name a", "recent --update --name a",
        "connlimit --connlimit-above 5", "statistic --mode nth --every 2 --packet 0", "string --string a --algo bm",
        "u32 --u32 0=0", "time --timestart 10:00", "quota --quota 9", "owner --gid-owner 5", "pkttype --pkt-type host",
        "length --length 1:2", "ttl --ttl-eq 1", "dscp --dscp 0x01", "tos --tos 0x10/0x3f", "set --match-set a src",
        "policy --dir in --pol ipsec --strict --proto esp --next --proto ah", "realm --realm 1", "socket --transparent",
        "devgroup --src-group 0x1", "cgroup --path a", "bpf --bytecode 1,6_0_0_1", "nfacct --nfacct-name a",
        "cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 1", "rateest --rateest a",
        "connbytes --connbytes 1:2 --connbytes-dir both --connbytes-mode bytes", "connlabel --label 1", "cpu --cpu 1",
        "ecn --ecn-ip-ect 1", "esp --espspi 1", "osf --genre Linux", "ipvs --ipvs", "tcpmss --mss 1:2",
        "physdev --physdev-in a", "mac --mac-source 02:00:00:00:00:01", "helper --helper ftp",
        "geoip --source-country X",
    ],
)  # fmt: skip
def test_what_no_packet_shows_is_unknown_and_told(match: str) -> None:
    def uncertain(steps: tuple[object, ...]) -> bool:
        return any(
            isinstance(step, Unknown) or (isinstance(step, AnyOf) and any(map(uncertain, step.options)))
            for step in steps
        )

    for negation in ("", "! "):
        name, options = match.split(" ", 1)
        found = reading(f"-A INPUT -m {name} {negation}{options} -j ACCEPT")
        (rule,) = found.tables[0].chains["INPUT"].rules
        assert rule.steps[-1] == Accept()
        assert uncertain(rule.steps[:-1]) or isinstance(rule.steps[0], AnyOf)
        assert [line.number for line, _ in found.tally.unknown] == [5]


def test_what_only_leaves_a_note_makes_no_line_unknown() -> None:
    found = reading("-A INPUT -m limit --limit 1/s -j LOG", "-A INPUT -m limit --limit 1/s")
    assert not found.tally.unknown


@pytest.mark.parametrize(
    "rule",
    [
        "-s 10.0.0.0/33", "-s a.example", "-d 10.0.0", "-s 2001:db8::1", "-i a-name-longer-than-fifteen", "-i eth*",
        "-p nonsense", "-p 256", "-p tcp --dport 65536", "-p tcp --dport 9:1", "-p tcp --dport nonsense",
        "-p tcp --tcp-flags SYN,XYZ SYN", "-p icmp --icmp-type nonsense", "-m mark --mark x", "-m mark --mark 1/",
        "-m conntrack --ctstate NEW,WRONG", "-m conntrack --ctorigdst x", "-m addrtype --dst-type THROW",
        "-m iprange --src-range a-b", "-m state", "-m addrtype", "-m multiport --dports 1 --sports 2",
        "-m set --match-set a up",
        "! -s 10.0.0.0/8,11.0.0.0/8", "-m tcp --dport 1 --dport x",
    ],
)  # fmt: skip
def test_a_value_that_is_not_understood_leaves_an_unknown(rule: str) -> None:
    found = reading(f"-A INPUT {rule} -j DROP")
    (read_rule,) = found.tables[0].chains["INPUT"].rules
    assert any(isinstance(step, Unknown) for step in read_rule.steps)
    assert [line.number for line, _ in found.tally.unknown] == [5]
    assert read_rule.steps[-1] == Drop()


@pytest.mark.parametrize(
    "rule",
    [
        "nonsense -j DROP", "-s 10.0.0.1 -s 10.0.0.2 -j DROP", "-j DROP -j ACCEPT", "--nonsense 5 -j DROP", "-j DROP !",
        "-s", "-p tcp --dport", "-m tcp --tcp-flags SYN", "! -j DROP", "-j", "--dport 22 -j DROP",
    ],
)  # fmt: skip
def test_a_rule_that_iptables_would_refuse_may_do_anything(rule: str) -> None:
    found = reading(f"-A INPUT {rule}")
    (read_rule,) = found.tables[0].chains["INPUT"].rules
    assert [type(step) for step in read_rule.steps] == [Unknown, Scramble, Whatever]
    assert [line.number for line, _ in found.tally.unknown] == [5]


def test_comments_become_the_remark() -> None:
    rule = rule_of('-m comment --comment "one \\"two\\"" -m comment --comment three -j DROP')
    assert rule.remark == 'one "two"; three'
    assert rule.steps == (Drop(),)


def test_two_tests_of_one_thing_share_their_key() -> None:
    one = steps_of("-m mac --mac-source 02:00:00:00:00:0a -j DROP")[0]
    other = steps_of("-p tcp -m mac --mac-source 02:00:00:00:00:0A -j DROP")[1]
    assert one == other
    assert isinstance(one, Unknown)
    assert one.steady


def test_what_an_unknown_match_owns_is_left_to_it() -> None:
    steps = steps_of("-m geoip ! --source-country AA,BB -p tcp -m tcp --dport 22 -j ACCEPT")
    assert steps == (TCP, Unknown("geoip ! --source-country AA,BB"), is_in("destination_port", 22), Accept())


def test_sets_of_values_are_whole() -> None:
    assert steps_of("-p tcp -m multiport --dports 1:5,6,7 -j DROP")[1] == is_in("destination_port", (1, 7))
    assert IntervalSet.of([(1, 7)]).size() == 7
