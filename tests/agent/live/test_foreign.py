"""Whose a link, a table, a chain and a routing rule is; and what listings of kernels that are not here make."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bailiwick.agent.look import foreign
from bailiwick.agent.look.aspects import xtables
from bailiwick.agent.look.listing import ADDRESSES, ROUTES, RULES, RULESET, SETTINGS, UNITS, VLANS, Listing, Unseen
from bailiwick.agent.look.live import Live, Scope, differences, digest, of_listing
from bailiwick.agent.places import Places

LINKS = {
    "docker0": "Docker",
    "br-0123456789ab": "Docker",
    "br-lan": "",
    "virbr0": "libvirt",
    "vnet12": "libvirt",
    "tailscale0": "Tailscale",
    "podman1": "Podman",
    "ve-web": "systemd-nspawn",
    "eth0": "",
    "lan": "",
}


@pytest.mark.parametrize(("name", "owner"), LINKS.items())
def test_a_link_is_known_by_its_name(name: str, owner: str) -> None:
    assert foreign.of_link({"ifname": name, "link_type": "ether"}) == owner


@pytest.mark.parametrize(
    ("link", "owner"),
    [
        ({"ifname": "veth12ab", "master": "docker0", "link_netnsid": 0, "linkinfo": {"info_kind": "veth"}}, "Docker"),
        ({"ifname": "veth12ab", "link_netnsid": 0, "linkinfo": {"info_kind": "veth"}}, "a container"),
        ({"ifname": "eth0", "link_netnsid": 0, "linkinfo": {"info_kind": "veth"}}, ""),
        ({"ifname": "ppp0", "link_type": "ppp"}, "a PPP session"),
        ({"ifname": "home", "link_type": "none", "linkinfo": {"info_kind": "wireguard"}}, "WireGuard"),
        ({"ifname": "t0", "linkinfo": {"info_kind": "tun", "info_data": {"type": "tap"}}}, "a virtual machine"),
        ({"ifname": "t0", "linkinfo": {"info_kind": "tun", "info_data": {"type": "tun"}}}, "a tunnel's program"),
    ],
)
def test_a_link_is_known_by_what_it_is(link: dict[str, Any], owner: str) -> None:
    assert foreign.of_link(link) == owner


@pytest.mark.parametrize(
    ("family", "name", "owner"),
    [
        ("inet", "bailiwick", ""),
        ("inet", "bailiwick_guard", ""),
        ("bridge", "bailiwick", ""),
        ("ip", "bailiwick", "unknown"),
        ("bridge", "bailiwick_guard", "unknown"),
        ("ip", "libvirt_network", "libvirt"),
        ("ip", "wg-quick-wg0", "wg-quick"),
        ("inet", "f2b-table", "fail2ban"),
        ("ip", "docker-bridges", "Docker"),
        ("inet", "firewalld", "firewalld"),
        ("ip", "filter", "unknown"),
    ],
)
def test_a_table_is_known_by_its_name(family: str, name: str, owner: str) -> None:
    assert foreign.of_table(family, name) == owner


def test_a_rule_of_a_shared_chain_is_known_by_where_it_leads() -> None:
    links = {"docker0": "Docker", "eth0": ""}

    assert foreign.of_rule("-o docker0 -j ACCEPT", links) == "Docker"
    assert foreign.of_rule("counter jump ufw-before-input", links) == "ufw"
    assert foreign.of_rule("-j f2b-sshd", {}) == "fail2ban"
    assert foreign.of_rule("-i eth0 -j DROP", links) == ""


WG = {"priority": 32765, "not": None, "src": "all", "fwmark": "0xca6c", "table": "51820", "protocol": "unspec"}
SUPPRESSED = {"priority": 32764, "src": "all", "table": "main", "suppress_prefixlen": 0, "protocol": "unspec"}


@pytest.mark.parametrize(
    ("rule", "owner"),
    [
        (WG, "wg-quick"),
        (SUPPRESSED, "wg-quick"),
        ({**WG, "table": "51821"}, ""),
        ({**SUPPRESSED, "priority": 100}, ""),
        ({**SUPPRESSED, "fwmark": "0x1"}, ""),
        ({**WG, "protocol": "143"}, ""),
        ({"priority": 5270, "src": "all", "table": "52", "protocol": "unspec"}, "Tailscale"),
        ({"priority": 5270, "src": "all", "table": "53", "protocol": "unspec"}, ""),
    ],
)
def test_a_routing_rule_is_known_by_its_shape(rule: dict[str, Any], owner: str) -> None:
    assert foreign.of_routing_rule(rule) == owner


def link(name: str, **more: Any) -> dict[str, Any]:
    shape = {"ifname": name, "flags": ["UP", "LOWER_UP"], "mtu": 1500, "link_type": "ether", "addr_info": []}
    return {**shape, **more}


def seen(links: list[dict[str, Any]], scope: Scope = Scope(), **texts: Any) -> Live:  # noqa: B008 - it is frozen
    names = {"vlans": VLANS, "units": UNITS, "settings": SETTINGS, "routes": ROUTES[4]}
    told = {RULESET: '{"nftables": []}', ADDRESSES: json.dumps(links), VLANS: "[]", SETTINGS: "", UNITS: ""}
    told |= dict.fromkeys((*ROUTES.values(), *RULES.values()), "[]")
    told |= {names[name]: text if isinstance(text, str) else json.dumps(text) for name, text in texts.items()}
    return of_listing(Places(Path("/nowhere")), scope, Listing(told))


def port(name: str, *vlans: dict[str, Any]) -> dict[str, Any]:
    return {"ifname": name, "vlans": list(vlans)}


def test_one_vlan_more_on_a_port_is_one_difference() -> None:
    links = [link("ens1", master="br0"), link("br0", linkinfo={"info_kind": "bridge"})]
    before = seen(links, vlans=[port("ens1", {"vlan": 10, "vlanEnd": 12}), port("br0", {"vlan": 10})])
    after = seen(links, vlans=[port("ens1", {"vlan": 10, "vlanEnd": 13}), port("br0", {"vlan": 10})])
    native = {"vlan": 10, "flags": ["PVID", "Egress Untagged"]}
    bare = seen(links, vlans=[port("ens1", native, {"vlan": 11, "vlanEnd": 12}), port("br0", {"vlan": 10})])

    assert [str(one) for one in differences(before, after)] == ["the port ens1 VLAN 13 is new: tagged"]
    assert [str(one) for one in differences(before, bare)] == [
        "the port ens1 VLAN 10 is Egress Untagged, PVID, and should be tagged"
    ]


def test_a_session_that_is_dialled_anew_is_no_difference() -> None:
    """It has another address, its route is away for a moment, and so are its settings."""
    scope = Scope(settings=("net/ipv4/conf/ppp-wan/rp_filter",), links=("ppp-wan",))
    address = {"family": "inet", "local": "81.2.69.10", "prefixlen": 32, "address": "81.2.69.1", "scope": "global"}
    session = link("ppp-wan", link_type="ppp", addr_info=[address])
    route = {"type": "unicast", "dst": "0.0.0.0/0", "dev": "ppp-wan", "table": "main", "protocol": "static"}
    before = seen([session], scope, routes=[route], settings="net/ipv4/conf/ppp-wan/rp_filter = 0\n")
    after = seen([], scope)

    assert differences(before, after) == ()
    assert differences(after, before) == ()
    assert digest(before) == digest(after)


def test_a_setting_of_a_module_that_was_loaded_meanwhile_is_no_difference() -> None:
    scope = Scope(settings=("net/netfilter/nf_conntrack_max", "net/ipv4/ip_forward"))
    before = seen([], scope, settings="net/ipv4/ip_forward = 0\n")
    after = seen([], scope, settings="net/ipv4/ip_forward = 1\nnet/netfilter/nf_conntrack_max = 9\n")

    assert [one.what for one in differences(before, after)] == ["net/ipv4/ip_forward"]


UNIT = "Id={0}\nLoadState=loaded\nUnitFileState={1}\nActiveState={2}\nSubState=x\nNeedDaemonReload=no\nDropInPaths=\n"


def test_units_are_told_by_their_states() -> None:
    scope = Scope(units=("a.service", "b.service"))
    before = seen([], scope, units="\n".join((UNIT.format("a", "enabled", "active"), UNIT.format("b", "", "inactive"))))
    after = seen([], scope, units="\n".join((UNIT.format("a", "masked", "failed"), UNIT.format("b", "", "inactive"))))

    assert [str(one) for one in differences(before, after)] == [
        "the unit a.service is masked, failed, and should be enabled, running"
    ]
    with pytest.raises(Unseen, match="told of 1 units, not of the 2"):
        seen([], scope, units=UNIT.format("a", "enabled", "active"))


def test_a_unit_that_starts_again_is_running() -> None:
    """A session that is dialled again is between two starts; whether it is well is the probes' question."""
    scope = Scope(units=("a.service",))
    states = ("active", "activating", "reloading", "deactivating")
    looks = [seen([], scope, units=UNIT.format("a", "enabled", state)) for state in states]

    assert len({digest(one) for one in looks}) == 1


SAVED = """\
# Generated by iptables-save v1.8.9
*filter
:INPUT ACCEPT [3:180]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
-A INPUT -s 1.2.3.4/32 -j DROP
-A FORWARD -j DOCKER
-A DOCKER -j RETURN
COMMIT
"""


def test_the_older_tables_are_told_too() -> None:
    side = xtables.legacy("ip", SAVED, {})

    assert [str(fact) for fact in side.lasting] == [
        "chain legacy-ip filter FORWARD: policy DROP",
        "rule in legacy-ip filter INPUT: -s 1.2.3.4/32 -j DROP",
    ]
    assert {fact.whose for fact in side.passing} == {"Docker"}
    assert xtables.rules("ip", SAVED)["ip", "filter", "INPUT"] == ["-s 1.2.3.4/32 -j DROP"]
    assert "not read" in str(xtables.legacy("ip", None, {}).lasting[0])
