"""The account of lines: every one is understood, unknown or ignored for a reason."""

from __future__ import annotations

import pytest

from bailiwick.dataplane.rules import Drop, Whatever
from tests.dataplane.routeros.exports import chain, ignored, read, unknown


def test_every_line_has_one_fate() -> None:
    text = (
        "# a note\n"
        "\n"
        "/ip firewall filter\n"
        "add chain=input action=accept \\\n"
        "    comment=wrapped\n"
        "add chain=input action=drop limit=1,5:packet \\\n"
        "    comment=wrapped\n"
        "add chain=input action=drop disabled=yes\n"
        "/queue simple\n"
        "add name=a \\\n"
        "    target=b\n"
        ":delay 5s\n"
        "junk\n"
    )
    tally = read(text).tally
    assert (tally.lines, tally.understood) == (13, 4)
    assert sorted(unknown(read(text))) == [6, 13]
    assert ignored(read(text)) == {
        1: "a note",
        2: "blank",
        7: "goes on from line 6, and is counted there",
        8: "disabled",
        10: "shapes traffic",
        11: "shapes traffic",
        12: "waits",
    }


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("/ip firewall\nadd action=drop chain=forward", "`add` is no command in /ip firewall"),
        ("/ip firewal filter", "there is no menu /ip firewal filter"),
        ("/ip address\nfetch x=1", "`fetch` is neither a command nor a menu here"),
        ("/ip firewall filter\nadd chain=input actoin=drop", "/ip firewall filter has no argument `actoin`"),
        ("/ip firewall filter\nadd chain=input action=dorp", "`dorp` is no action in the table filter"),
        ("/ip firewall filter\nadd chain=input dst-port=22", "`dst-port` needs a protocol with ports"),
        ("/ip firewall filter\nadd chain=input protocol=tcp dst-port=99999", "no number up to 65535"),
        ("/ip firewall filter\nadd chain=input src-address=1.2.3", "`src-address=1.2.3` has no such value"),
        ("/ip firewall filter\nadd chain=input src-address=2001:db8::/32", "is no IPv4 address"),
        ("/ipv6 firewall filter\nadd chain=input src-address=10.0.0.0/8", "is no IPv6 address"),
        ("/ip firewall filter\nadd chain=input connection-state=fresh", "fresh"),
        ("/ip firewall filter\nadd chain=input action=jump", "a jump needs a `jump-target`"),
        ("/ip firewall filter\nadd action=drop", "which chain this rule is in cannot be told"),
        ("/ip firewall filter\nadd chain=input src-address=$x", "known to the router alone"),
        ("/ip firewall filter\nset 4 action=drop", "which items this is about"),
        ("/ip firewall filter\nadd chain=input src-address-list=blocked", "no line fills the list `blocked`"),
        ("/ip firewall filter\nadd chain=input in-interface-list=LAN", "no line defines the interface list `LAN`"),
        ("/ip firewall mangle\nadd chain=forward action=mark-routing new-routing-mark=a", "prerouting and output"),
        ("/ip firewall nat\nadd chain=srcnat action=dst-nat to-addresses=10.0.0.1", "stands in the wrong chain"),
        ("/ip firewall nat\nadd chain=dstnat action=dst-nat to-addresses=a.b", "known to the router alone"),
        ("/routing bgp connection\nadd name=a remote.address=10.0.0.2", "this learns routes"),
        ("/ip route\nadd gateway=nowhere", "no line describes the interface `nowhere`"),
        ("/ip address\nadd address=REMOVED interface=ether1", "`REMOVED` is no address"),
        ("/ip upnp\nset enabled=yes", "UPnP lets hosts open ports for themselves"),
        ("/interface bridge settings\nset use-ip-firewall=yes", "within a bridge as well"),
        ("/interface ethernet switch port\nset 1 vlan-mode=secure", "VLANs in the switch chip"),
        ("/interface ethernet switch vlan\nadd vlan-id=20 ports=ether2", "VLANs in the switch chip"),
        ("/ppp secret\nadd name=a password=b routes=10.9.0.0/16", "adds routes"),
        ("/ip service\nset gopher disabled=no", "there is no service `gopher`"),
        ('/system script\nadd name=a source="/ip firewall filter disable [find]"', "its script may change"),
    ],
)
def test_what_is_not_understood_is_named(text: str, what: str) -> None:
    said = unknown(read(text))
    assert list(said) == [text.count("\n") + 1]
    assert what in next(iter(said.values()))


def test_a_script_that_may_add_a_rule_is_a_rule_that_may_be_anything() -> None:
    adding = ":if ($x = 1) do={ /ip firewall filter add chain=input action=accept }"
    text = f"/ip firewall filter\n{adding}\nadd chain=input action=drop\n"
    rules = chain(read(text), "input").rules
    assert [type(rule.steps[0]) for rule in rules] == [Whatever, Drop]


def test_items_that_another_line_may_change_are_not_certain() -> None:
    text = '/ip firewall filter\nadd chain=input action=drop\nset [find comment~"x"] disabled=yes\n'
    device = read(text)
    assert sorted(unknown(device)) == [2, 3]
    assert len(chain(device, "input").rules[0].steps) == 2


def test_changes_by_value_number_and_place() -> None:
    text = (
        "/ip firewall filter\n"
        "add chain=input action=accept comment=one\n"
        "add chain=input action=accept comment=two\n"
        "add chain=input action=accept comment=three place-before=0\n"
        "add chain=input action=accept comment=four place-before=[find comment=two]\n"
        "set [find comment=one] action=drop\n"
        "set 3 action=reject\n"
        "disable [find comment=four]\n"
        "remove [find comment=three]\n"
    )
    device = read(text)
    assert [(rule.remark, type(rule.steps[-1]).__name__) for rule in chain(device, "input").rules] == [
        ("one", "Drop"),
        ("two", "Reject"),
    ]
    assert not unknown(device)
