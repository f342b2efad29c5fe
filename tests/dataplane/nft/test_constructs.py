"""Each construct of nft, loaded by the real nft, and the steps that it must become."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from bailiwick.dataplane.nft import read
from bailiwick.dataplane.rules import (
    Accept,
    AddressType,
    Among,
    AnyOf,
    Continue,
    CopyField,
    Drop,
    Family,
    Goto,
    Jump,
    Key,
    Lookup,
    NoTrack,
    OnInterface,
    Reject,
    Return,
    ReturnPath,
    Rule,
    Scramble,
    SetField,
    Step,
    Unknown,
    VerdictMap,
    Whatever,
    unknown_target,
)
from bailiwick.packets.interval import IntervalSet
from bailiwick.workflow.nft_listing import nft_listing

pytestmark = pytest.mark.real

V4, V6 = Family(4), Family(6)
TCP = Among("protocol", IntervalSet.single(6))
UDP = Among("protocol", IntervalSet.single(17))
TRACKED = Among("state", IntervalSet.span(0, 2))
PORTFUL = Among("protocol", IntervalSet.of((n, n) for n in (6, 17, 33, 132, 136)))


def ip(text: str) -> int:
    return int(ip_address(text))


def one(field: str, *values: int, mask: int | None = None, negated: bool = False) -> Among:
    return Among(field, IntervalSet.of((value, value) for value in values), mask, negated)


def span(field: str, first: int, last: int, negated: bool = False) -> Among:
    return Among(field, IntervalSet.span(first, last), negated=negated)


SOURCE_10 = span("source", ip("10.0.0.0"), ip("10.255.255.255"))
NOT_10 = span("source", ip("10.0.0.0"), ip("10.255.255.255"), negated=True)
ONE_ONE = IntervalSet.single(ip("1.1.1.1"))

CASES: list[tuple[str, tuple[Step, ...]]] = [
    ("accept", (Accept(),)),
    ("drop", (Drop(),)),
    ("return", (Return(),)),
    ("continue", (Continue(),)),
    ("jump sub", (Jump("sub"),)),
    ("goto sub", (Goto("sub"),)),
    ("notrack", (NoTrack(),)),
    ("tcp dport 22 accept", (TCP, one("destination_port", 22), Accept())),
    (
        "tcp dport != { 22, 80-90 } accept",
        (TCP, Among("destination_port", IntervalSet.of([(22, 22), (80, 90)]), None, True), Accept()),
    ),
    ("udp sport 5 udp dport 6 drop", (UDP, one("source_port", 5), one("destination_port", 6), Drop())),
    ("meta l4proto tcp th dport 5 accept", (TCP, one("destination_port", 5), Accept())),
    ("meta l4proto { tcp, udp } th dport 5 accept", (one("protocol", 6, 17), one("destination_port", 5), Accept())),
    ("ip protocol tcp tcp dport 5 accept", (V4, TCP, one("destination_port", 5), Accept())),
    ("meta l4proto != tcp accept", (one("protocol", 6, negated=True), Accept())),
    ("ip saddr 10.0.0.0/8 accept", (V4, SOURCE_10, Accept())),
    ("ip saddr != 10.0.0.0/8 accept", (V4, NOT_10, Accept())),
    ("ip daddr 10.0.0.1-10.0.0.9 accept", (V4, span("destination", ip("10.0.0.1"), ip("10.0.0.9")), Accept())),
    ("ip saddr < 0.0.0.5 accept", (V4, span("source", 0, 4), Accept())),
    ("ip saddr >= 255.255.255.1 accept", (V4, span("source", ip("255.255.255.1"), ip("255.255.255.255")), Accept())),
    ("ip saddr & 0.0.0.255 == 0.0.0.5 accept", (V4, one("source", 5, mask=255), Accept())),
    (
        "ip6 saddr fe80::/10 accept",
        (V6, span("source", ip("fe80::"), ip("febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff")), Accept()),
    ),
    ("ip version 4 accept", (V4, Accept())),
    ("meta nfproto ipv6 drop", (V6, Drop())),
    ("meta nfproto != ipv6 drop", (V4, Drop())),
    ("meta protocol ip drop", (V4, Drop())),
    ("meta protocol { ip, ip6 } drop", (Drop(),)),
    ('iifname "eth*" accept', (OnInterface("iif", ("eth*",)), Accept())),
    ('oifname != { "eth0", "wl*" } accept', (OnInterface("oif", ("eth0", "wl*"), True), Accept())),
    ("iif lo accept", (OnInterface("iif", ("lo",)), Accept())),
    ("ct state established,related accept", (one("state", 1, 2), Accept())),
    ("ct state != established accept", (one("state", 1, negated=True), Accept())),
    ("ct state { new, untracked } accept", (one("state", 0, 4), Accept())),
    ("ct state & (established | related) == established accept", (one("state", 1), Accept())),
    ("ct state invalid drop", (one("state", 3), Drop())),
    ("ct status dnat accept", (TRACKED, one("status", 1, 3, 5, 7), Accept())),
    ("ct status ! confirmed accept", (TRACKED, one("status", 0, 1, 2, 3), Accept())),
    ("ct status dnat,snat accept", (TRACKED, one("status", 1, 2, 3, 5, 6, 7), Accept())),
    ("ct direction original accept", (TRACKED, one("direction", 0), Accept())),
    ("ct mark 0x5 accept", (TRACKED, one("ct_mark", 5), Accept())),
    ("meta mark & 0xff00 != 0x100 accept", (one("mark", 0x100, mask=0xFF00, negated=True), Accept())),
    ("meta mark set 7", (SetField("mark", 7),)),
    ("meta mark set meta mark & 0xffffff00 | 0x5", (SetField("mark", 5, 0xFF),)),
    ("meta mark set meta mark and 0xff", (SetField("mark", 0, 0xFFFFFF00),)),
    ("ct mark set meta mark", (CopyField("ct_mark", "mark"),)),
    ("meta mark set ct mark", (TRACKED, CopyField("mark", "ct_mark"))),
    ("ct mark set meta mark and 0xff", (CopyField("ct_mark", "mark"), SetField("ct_mark", 0, 0xFFFFFF00))),
    ("tcp flags & (syn|rst) == syn accept", (TCP, one("tcp_flags", 2, mask=6), Accept())),
    ("tcp flags syn,ack accept", (TCP, one("tcp_flags", 0, mask=18, negated=True), Accept())),
    ("tcp flags ! syn accept", (TCP, one("tcp_flags", 0, mask=2), Accept())),
    ("tcp flags { syn, syn|ack } accept", (TCP, one("tcp_flags", 2, 18), Accept())),
    ("icmp type echo-request accept", (V4, one("protocol", 1), one("icmp_type", 8), Accept())),
    ("icmp type 3 icmp code 13 accept", (V4, one("protocol", 1), one("icmp_type", 3), one("icmp_code", 13), Accept())),
    ("icmpv6 type { 128, nd-router-advert } accept", (V6, one("protocol", 58), one("icmp_type", 128, 134), Accept())),
    ("fib daddr type local accept", (AddressType("destination", frozenset({"local"})), Accept())),
    (
        "fib saddr . iif type != { local, broadcast } drop",
        (AddressType("source", frozenset({"local", "broadcast"}), True, True), Drop()),
    ),
    ("fib saddr . iif oif missing drop", (ReturnPath(), Drop())),
    ("fib saddr . iif oif exists accept", (ReturnPath(missing=False), Accept())),
    ("fib saddr . mark . iif oif missing drop", (ReturnPath(marked=True), Drop())),
    ("fib saddr oif != 0 accept", (ReturnPath(missing=False, any_interface=True), Accept())),
    ("reject", (Reject("icmpx port-unreachable"),)),
    ("reject with icmp type host-unreachable", (V4, Reject("icmp host-unreachable"))),
    ("reject with tcp reset", (TCP, Reject("tcp reset"))),
    (
        "ip saddr . tcp dport { 10.0.0.0/8 . 80-90, 1.1.1.1 . 22 } accept",
        (
            V4,
            TCP,
            Lookup(
                (Key("source"), Key("destination_port")),
                (
                    (SOURCE_10.values, IntervalSet.span(80, 90)),
                    (ONE_ONE, IntervalSet.single(22)),
                ),
            ),
            Accept(),
        ),
    ),
    (
        'iifname . ip saddr != { "eth0" . 1.1.1.1 } drop',
        (V4, Lookup((Key("iif"), Key("source")), ((("eth0",), ONE_ONE),), True), Drop()),
    ),
    (
        "meta l4proto { tcp, udp } th dport vmap { 5 : accept, 7-9 : jump sub }",
        (
            one("protocol", 6, 17),
            VerdictMap(
                (Key("destination_port"),),
                (((IntervalSet.single(5),), Accept()), ((IntervalSet.span(7, 9),), Jump("sub"))),
            ),
        ),
    ),
    (
        "ct state vmap { established : accept, invalid : drop }",
        (VerdictMap((Key("state"),), (((IntervalSet.single(3),), Drop()), ((IntervalSet.single(1),), Accept()))),),
    ),
    ("limit rate 5/second accept", (Unknown("limit rate 5 burst 5 per second"), Accept())),
    ("ct count over 5 drop", (Unknown("ct count val 5 inv exists"), Drop())),
    ("meta skuid 1000 accept", (Unknown("meta skuid 1000", True, "meta skuid 1000"), Accept())),
    (
        "ether saddr 00:11:22:33:44:55 accept",
        (Unknown("ether saddr 00:11:22:33:44:55", True, "ether saddr 00:11:22:33:44:55"), Accept()),
    ),
    ("esp spi 5 accept", (one("protocol", 50), Unknown("esp spi 5", True, "esp spi 5"), Accept())),
    ("rt type 0 accept", (V6, Unknown("exthdr name rt field type 0", True, "exthdr name rt field type 0"), Accept())),
    ("ct zone set 1", (Whatever("ct zone set 1"),)),
    ("ip saddr set 1.1.1.1", (V4, Scramble(("source",), "ip saddr set 1.1.1.1"))),
    ("udp dport set 53 accept", (UDP, Scramble(("destination_port",), "udp dport set 53"), Accept())),
    (
        "th sport set 53",
        (Scramble(("source_port", "icmp_type", "icmp_code"), "th sport set 53"),),
    ),
    ("@nh,64,8 set 5", unknown_target("@nh,64,8 set 5")),
    (
        "meta mark set meta mark xor 0x1 accept",
        (
            Unknown("there is meta mark ^ 1"),
            Scramble(("mark",), "mark set meta mark ^ 1"),
            Accept(),
        ),
    ),
    (
        "th dport 5 accept",
        (
            AnyOf(
                (
                    (PORTFUL, one("destination_port", 5)),
                    (
                        Among("protocol", PORTFUL.values, negated=True),
                        Unknown("th dport 5-5", True, "th dport 5-5"),
                    ),
                )
            ),
            Accept(),
        ),
    ),
    (
        "ip6 nexthdr udp accept",
        (V6, UDP, AnyOf(((Unknown("ip6 extension headers", True, "ip6 extension headers"),),), True), Accept()),
    ),
]


@pytest.fixture(scope="module")
def rules() -> dict[str, Rule]:
    """One chain for each case, all loaded at once."""
    chains = "".join(f"  chain c{at} {{\n    {text}\n  }}\n" for at, (text, _) in enumerate(CASES))
    listing = nft_listing({"cases.nft": f"table inet t {{\n  chain sub {{\n  }}\n{chains}}}\n"})
    tables, tally = read(listing.ruleset, "cases.nft", listing.places)
    assert tally.adds_up
    return {text: tables[0].chains[f"c{at}"].rules[0] for at, (text, _) in enumerate(CASES)}


@pytest.mark.parametrize(("text", "steps"), CASES, ids=[text for text, _ in CASES])
def test_it_becomes_these_steps(text: str, steps: tuple[Step, ...], rules: dict[str, Rule]) -> None:
    assert rules[text].steps == steps
    assert rules[text].line.text == text
