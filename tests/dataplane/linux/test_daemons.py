"""pppd's peers, dnsmasq's listeners, sysctl's settings, units and device rules."""

from __future__ import annotations

import pytest

from bailiwick.dataplane.linux import units
from bailiwick.dataplane.linux.dnsmasq import read_dnsmasq
from bailiwick.dataplane.linux.draft import Draft
from bailiwick.dataplane.linux.pppd import read_peer
from bailiwick.dataplane.linux.sysctl import read_sysctl

PEER = (
    'plugin pppoe.so\nnic-eth0\nifname ppp-wan\nuser "me@isp.example"\npassword "hunter2"\n'
    "# c\nnoauth\nnodefaultroute\n"
)


def test_a_session_runs_over_a_card_and_has_its_address_from_outside() -> None:
    draft = Draft()
    read_peer(draft, "/etc/ppp/peers/wan", PEER)
    one = draft.interfaces["ppp-wan"]
    assert (one.kind, one.dynamic, one.parent) == ("ppp", True, "eth0")
    assert draft.interfaces["eth0"].kind == "ethernet"
    assert not draft.routes
    assert not draft.ledger.unknowns
    assert "hunter2" not in repr(draft)


def test_pppd_may_bring_the_default_route_itself() -> None:
    draft = Draft()
    read_peer(draft, "p", "plugin rp-pppoe.so\neth5\nunit 3\ndefaultroute\nsurprise 1 2\n")
    (route,) = draft.routes
    assert (str(route.prefix), route.interface, route.lasting) == ("0.0.0.0/0", "ppp3", False)
    assert draft.interfaces["ppp3"].parent == "eth5"
    assert [line.number for line, _ in draft.ledger.unknowns] == [5]


def listeners(text: str) -> set[tuple[str, int, int, frozenset[str] | None]]:
    draft = Draft()
    read_dnsmasq(draft, "d", text)
    assert draft.ledger.tally().adds_up
    return {(one.name, one.protocol, one.port, one.interfaces) for one in draft.listeners}


LAN = frozenset({"lan"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {("dns", 17, 53, None), ("dns", 6, 53, None)}),
        ("interface=lan\n", {("dns", 17, 53, LAN | {"lo"}), ("dns", 6, 53, LAN | {"lo"})}),
        ("interface=lan\nexcept-interface=lo\nport=5353\n", {("dns", 17, 5353, LAN), ("dns", 6, 5353, LAN)}),
        ("port=0\n", set()),
        ("port=0\ninterface=lan\ndhcp-range=set:z,10.0.0.5,10.0.0.9,255.255.255.0,60\n", {("dhcp", 17, 67, LAN)}),
        ("port=0\ninterface=lan\nno-dhcp-interface=lan\ndhcp-range=10.0.0.5,10.0.0.9\n", set()),
        ("port=0\ndhcp-range=fd00::5,fd00::9\n", {("dhcpv6", 17, 547, None)}),
        ("port=0\nlisten-address=10.0.0.1\nenable-tftp\n", {("tftp", 17, 69, None)}),
    ],
)
def test_what_dnsmasq_listens_on(text: str, expected: set[object]) -> None:
    assert listeners(text) == expected


def test_what_leads_out_of_the_file_is_unknown() -> None:
    draft = Draft()
    read_dnsmasq(draft, "d", "conf-dir=/etc/x\nexpand-hosts\n")
    assert [line.number for line, _ in draft.ledger.unknowns] == [1]
    assert len(draft.ledger.passed) == 1


def settings(**files: str) -> Draft:
    draft = Draft()
    draft.interface("eth0")
    read_sysctl(draft, {f"/etc/sysctl.d/{name}.conf": text for name, text in files.items()})
    assert draft.ledger.tally().adds_up
    return draft


def test_the_last_assignment_wins_in_every_spelling() -> None:
    draft = settings(
        a="net.ipv4.ip_forward = 0\nnet/ipv4/conf/eth1.10/rp_filter = 1\n", b="-net/ipv4/ip_forward=1\n; c\n# d\n"
    )
    assert draft.settings["net.ipv4.ip_forward"] == draft.settings["net.ipv4.conf.all.forwarding"] == "1"
    assert draft.settings["net.ipv4.conf.eth1.10.rp_filter"] == "1"
    assert draft.forwarding


def test_a_name_beats_a_pattern() -> None:
    draft = settings(a="net.ipv4.conf.eth0.rp_filter = 2\n", b="net.ipv4.conf.*.rp_filter = 1\n")
    assert draft.settings["net.ipv4.conf.eth0.rp_filter"] == "2"
    assert draft.settings["net.ipv4.conf.all.rp_filter"] == "1"


def test_forwarding_off_is_off() -> None:
    assert settings(a="net.ipv4.ip_forward=1\nnet.ipv4.conf.all.forwarding=0\n").forwarding is False


def test_what_is_said_again_is_said_last() -> None:
    text = "net.ipv4.ip_forward=1\nnet.ipv4.conf.all.forwarding=1\nnet.ipv4.ip_forward=0\n"
    assert settings(a=text).forwarding is False


def test_a_name_may_be_taken_out_of_a_pattern() -> None:
    draft = settings(a="net.ipv4.conf.*.rp_filter = 1\n-net.ipv4.conf.eth0.rp_filter\n")
    assert "net.ipv4.conf.eth0.rp_filter" not in draft.settings


def test_settings_that_nobody_knows_are_in_the_account() -> None:
    draft = settings(a="net.ipv4.conf.all.surprise=1\nkernel.x=1\nnet.ipv4.tcp_rfc1337=1\nnonsense\n")
    assert [line.number for line, _ in draft.ledger.unknowns] == [1, 4]
    assert len(draft.ledger.passed) == 2


def test_a_unit_matters_by_what_it_runs() -> None:
    draft = Draft()
    text = "[Service]\nType=oneshot\nExecStart=/usr/lib/bailiwick/load-firewall\n"
    text += "ExecStart=/sbin/iptables -F\nExecStart=/bin/true\n"
    units.read_unit(draft, "u", text)
    assert [line.number for line, _ in draft.ledger.unknowns] == [4]
    assert draft.ledger.tally().adds_up


def test_a_device_rule_switches_filtering_of_vlans() -> None:
    draft = Draft()
    text = 'ACTION=="add", KERNEL=="lan", ATTR{bridge/vlan_filtering}="0"\nKERNEL=="x", RUN+="/bin/evil"\n'
    units.read_udev(draft, "r", text)
    assert draft.settings["bridge.lan.vlan_filtering"] == "0"
    assert [line.number for line, _ in draft.ledger.unknowns] == [2]
