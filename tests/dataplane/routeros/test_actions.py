"""What rules do, where their chains hang, and what the router adds by itself."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from bailiwick.dataplane.rules import (
    Accept,
    Continue,
    Drop,
    FastTrack,
    Hook,
    Jump,
    Note,
    NoTrack,
    Reject,
    Return,
    Scramble,
    SetField,
    Step,
    Target,
    Translate,
    Unknown,
    Whatever,
)
from tests.dataplane.routeros.exports import chain, read, rule, steps, unknown

HOST = IPv4Address("10.0.0.5")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("action=accept", (Accept(),)),
        ("", (Accept(),)),
        ("action=drop", (Drop(),)),
        ("action=tarpit", (Drop(),)),
        ("action=reject reject-with=tcp-reset", (Reject("tcp-reset"),)),
        ("action=reject", (Reject("icmp-network-unreachable"),)),
        ("action=return", (Return(),)),
        ("action=jump jump-target=other", (Jump("other"),)),
        ("action=log log-prefix=x", (Note("log"), Continue())),
        ("action=passthrough", (Note("passthrough"), Continue())),
        ("action=fasttrack-connection hw-offload=yes", (FastTrack("fasttrack-connection"), Continue())),
        (
            "action=add-src-to-address-list address-list=seen address-list-timeout=1d",
            (Note("add-src-to-address-list seen"), Continue()),
        ),
    ],
)
def test_filter(text: str, expected: tuple[Step, ...]) -> None:
    assert steps(text) == expected


@pytest.mark.parametrize(
    ("text", "where", "expected"),
    [
        ("action=mark-connection new-connection-mark=a", "forward", (SetField("ct_mark", 1), Continue())),
        ("action=mark-packet new-packet-mark=a passthrough=no", "forward", (SetField("mark", 1, 0xFFFF), Accept())),
        (
            "action=mark-routing new-routing-mark=a passthrough=yes",
            "prerouting",
            (SetField("mark", 0x10000, 0xFFFF0000), Continue()),
        ),
        ("action=change-mss new-mss=clamp-to-pmtu", "forward", (Note("change-mss"), Continue())),
        ("action=change-ttl new-ttl=set:64 passthrough=no", "postrouting", (Note("change-ttl"), Accept())),
        ("action=sniff-tzsp sniff-target=10.0.0.9", "forward", (Note("sniff-tzsp"), Continue())),
        (
            "action=route route-dst=10.0.0.1",
            "prerouting",
            (Scramble(("mark", "destination"), "route"), Whatever("route")),
        ),
    ],
)
def test_mangle(text: str, where: str, expected: tuple[Step, ...]) -> None:
    assert steps(text, "", "/ip firewall mangle", where) == expected


@pytest.mark.parametrize(
    ("text", "where", "expected"),
    [
        ("action=masquerade", "srcnat", Translate("masquerade")),
        ("action=src-nat to-addresses=10.0.0.5", "srcnat", Translate("snat", Target(HOST, HOST))),
        (
            "action=dst-nat to-addresses=10.0.0.5 to-ports=8000-8010 protocol=tcp dst-port=80",
            "dstnat",
            Translate("dnat", Target(HOST, HOST, (8000, 8010))),
        ),
        ("action=dst-nat to-ports=53", "dstnat", Translate("dnat", Target(None, None, (53, 53)))),
        ("action=redirect to-ports=53", "dstnat", Translate("redirect", Target(None, None, (53, 53)))),
        (
            "action=netmap to-addresses=10.1.0.0/24",
            "dstnat",
            Translate("dnat", Target(IPv4Address("10.1.0.0"), IPv4Address("10.1.0.255"))),
        ),
        (
            "action=same to-addresses=10.1.0.1-10.1.0.4",
            "srcnat",
            Translate("snat", Target(IPv4Address("10.1.0.1"), IPv4Address("10.1.0.4"))),
        ),
        ("action=socksify socksify-service=a", "dstnat", Whatever("socksify")),
    ],
)
def test_nat(text: str, where: str, expected: Step) -> None:
    assert steps(text, "", "/ip firewall nat", where)[-1] == expected


@pytest.mark.parametrize(("action", "field"), [("snpt", "source"), ("dnpt", "destination")])
def test_a_prefix_that_is_rewritten_without_a_connection(action: str, field: str) -> None:
    text = f"action={action} src-address=fd00::/64"
    assert steps(text, "", "/ipv6 firewall mangle", "prerouting")[-2:] == (
        Scramble((field,), action),
        Whatever(action),
    )


@pytest.mark.parametrize(("action", "kind"), [("dst-nat", "dnat"), ("src-nat", "snat")])
def test_a_translation_to_what_cannot_be_read_leads_anywhere(action: str, kind: str) -> None:
    where = "dstnat" if kind == "dnat" else "srcnat"
    device = read(f"/ip firewall nat\nadd chain={where} action={action} to-addresses=10.0.0.1,10.0.0.2\n")
    every = Target(IPv4Address(0), IPv4Address("255.255.255.255"), (0, 65535))
    assert chain(device, where, "nat").rules[0].steps == (Translate(kind, every),)
    assert list(unknown(device)) == [2]


def test_notrack_is_certain_only_where_nothing_comes_after_it() -> None:
    menu = "/ip firewall raw\nadd chain=prerouting action=notrack protocol=ospf\n"
    device = read(menu)
    assert chain(device, "prerouting", "raw").rules[0].steps[1:] == (NoTrack(), Accept())
    device = read(f"{menu}add chain=prerouting action=drop\n")
    assert isinstance(chain(device, "prerouting", "raw").rules[0].steps[2], Unknown)
    assert list(unknown(device)) == [2]


@pytest.mark.parametrize(
    ("table", "name", "hook"),
    [
        ("raw", "prerouting", Hook("filter", "prerouting", -300)),
        ("mangle", "output", Hook("route", "output", -150)),
        ("mangle", "forward", Hook("filter", "forward", -150)),
        ("nat", "dstnat", Hook("nat", "prerouting", -100)),
        ("nat", "srcnat", Hook("nat", "postrouting", 100)),
        ("filter", "input", Hook("filter", "input", 0)),
    ],
)
@pytest.mark.parametrize("family", ["ip", "ip6"])
def test_built_in_chains_are_there_and_accept(table: str, name: str, hook: Hook, family: str) -> None:
    found = chain(read(""), name, table, family)
    assert found.hook == hook
    assert found.hook is not None
    assert found.hook.policy == Accept()
    assert not found.rules


def test_chains_keep_their_order_and_a_missing_one_is_empty() -> None:
    device = read(
        "/ip firewall filter\n"
        "add chain=forward action=jump jump-target=own\n"
        "add chain=own action=accept comment=first\n"
        "add chain=forward action=jump jump-target=nowhere\n"
        "add chain=own action=drop comment=second\n"
    )
    own, nowhere = chain(device, "own"), chain(device, "nowhere")
    assert [one.remark for one in own.rules] == ["first", "second"]
    assert (own.hook, nowhere.hook, nowhere.rules) == (None, None, ())


def test_a_chain_that_jumps_lead_to_translates_as_theirs() -> None:
    before = "/ip firewall nat\nadd chain=dstnat action=jump jump-target=own\n"
    device = read(f"{before}add chain=own action=netmap to-addresses=10.0.0.5\n")
    assert chain(device, "own", "nat").rules[0].steps == (Translate("dnat", Target(HOST, HOST)),)


def test_a_rule_that_routeros_refuses_may_be_anything() -> None:
    assert rule("action=accept dst-port=22").steps == (Whatever("a rule that RouterOS would refuse"),)


def test_a_rule_with_an_argument_that_is_none_may_not_match() -> None:
    found = steps("action=accept src-adress=10.0.0.1")
    assert [type(step) for step in found] == [Unknown, Accept]


@pytest.mark.parametrize("broken", ['add chain=input comment="x', "add chain=input action=drop)"])
def test_a_rule_in_pieces_may_be_anything(broken: str) -> None:
    device = read(f"/ip firewall filter\n{broken}\n")
    assert [type(one.steps[0]) for one in chain(device, "input").rules] == [Whatever]
    device = read(f"/ip firewall mangle\n{broken}\n")
    assert [type(one.steps[0]) for one in chain(device, "input", "mangle").rules] == [Scramble]


def test_what_upnp_opens_and_what_a_hotspot_adds() -> None:
    device = read("/ip upnp\nset enabled=yes\n/ip hotspot\nadd interface=bridge name=a\n/ip kid-control\nadd name=b\n")
    assert [type(step) for one in chain(device, "dstnat", "nat").rules for step in one.steps] == [
        Unknown,
        Translate,
        Scramble,
        Whatever,
        Scramble,
        Whatever,
    ]
    assert [type(one.steps[0]) for one in chain(device, "forward").rules] == [Whatever, Whatever]
