"""Faults of addresses, routes, routing rules and kernel settings."""

from __future__ import annotations

from tests.twin.faults.fault import (
    EXITS,
    FIREWALL,
    SETTINGS,
    Edit,
    Fault,
    both,
    in_block,
    in_line,
    instead,
    instead_of_line,
    instead_of_lines,
    without,
)

APPS, SMALL, UPLINKS = "public-apps", "small", "uplinks"
NETWORK = "/etc/systemd/network/10-bailiwick-{}.network"


def _exit(name: str, what: str, edit: Edit, sight: str, **more: str) -> Fault:
    return Fault(name, what, more.get("home", APPS), EXITS, edit, sight, harmless=more.get("harmless", ""))


def _setting(name: str, what: str, change: tuple[str, str], sight: str, **more: str) -> Fault:
    """``change``: a setting and the value that it has on every interface."""
    key, value = change
    edit = instead_of_lines(rf"^-?[\w./-]*{key} = \d+$", f"{key} = {value}")
    return Fault(name, what, more.get("home", APPS), SETTINGS, edit, sight, harmless=more.get("harmless", ""))


FAULTS = (
    _exit(
        "routing-rule-missing",
        "who leaves by the tunnel alone is not led into it",
        without("rule add pref 1100 from 192.168.20.66/32"),
        r"192\.168\.20\.66 .*meant arrived, seen|who leave by uplink:ivpn",
    ),
    Fault(
        "kill-switch-missing",
        "no table, rule or filter keeps those of the tunnel from the usual routes while it is away",
        APPS,
        EXITS,
        both(without("rule add pref 1200"), without("route replace unreachable default")),
        r"who leave by uplink:ivpn alone",
        also=(
            (FIREWALL, in_block("chain forward", without('comment "exit:ivpn"'))),
            (FIREWALL, in_block("chain forward.services.wan", instead(" ip saddr != 192.168.20.66", ""))),
        ),
    ),
    Fault(
        "unreachable-default-missing",
        "the tunnel's table does not end",
        APPS,
        EXITS,
        without("route replace unreachable default"),
        r"who leave by uplink:ivpn alone",
        harmless="the routing rule behind the table, and the filter's rule for the exit, hold them too",
    ),
    Fault(
        "unreachable-rule-missing",
        "no rule ends the search for those who leave by the tunnel alone",
        SMALL,
        EXITS,
        without("rule add pref 1200"),
        r"who leave by uplink:out alone",
        harmless="the tunnel's table ends in an unreachable default, and the filter's rule for the exit holds them too",
    ),
    _exit(
        "wrong-table",
        "who leaves by the tunnel alone looks into the usual table",
        in_line("rule add pref 1100 from 192.168.20.66/32", "lookup 21164", "lookup main"),
        r"192\.168\.20\.66 .*meant arrived, seen|who leave by uplink:ivpn",
    ),
    _exit(
        "home-not-first",
        "who leaves by the tunnel alone is led into it on the way to another zone",
        without("rule add pref 1000 to 192.168.30.0/24"),
        r"zone:|answered by",
        home=SMALL,
    ),
    _exit(
        "exit-for-one-more",
        "one address more leaves by the tunnel",
        instead("from 192.168.20.66/32", "from 192.168.20.66/31"),
        r"192\.168\.20\.67 ",
    ),
    _exit(
        "exit-resolver-rule-missing",
        "questions asked for those who leave by the tunnel are not led there",
        without("rule add pref 1100 oif wg-ivpn"),
        r"DNS .*ivpn|\(uplink:ivpn\)|answered by uplink:ivpn",
        harmless="a socket bound to an interface sends there without a route, too (ip_route_output_key_hash_rcu)",
    ),
    _exit(
        "reply-table-missing",
        "what came in by the second uplink is answered by the first: the mark leads nowhere",
        without("rule add pref 1400 fwmark"),
        r"answered by (zone:lan|router)",
        home=UPLINKS,
    ),
    _setting(
        "rp-filter-strict",
        "the kernel drops what comes by another way than it would answer",
        ("rp_filter", "1"),
        r"uplink:ivpn|uplink:|answered by",
    ),
    _setting(
        "forwarding-off",
        "the router forwards nothing",
        ("ip_forward", "0"),
        r"zone:lan.* \(uplink:wan\).*meant arrived, seen dropped",
    ),
    _setting("ipv6-on", "the router speaks IPv6", ("disable_ipv6", "0"), r"IPv6"),
    _setting(
        "redirects-accepted",
        "a neighbour may change a route",
        ("accept_redirects", "1"),
        r"redirect",
        home=SMALL,
    ),
    _setting(
        "source-routes-accepted",
        "a packet may choose its own way",
        ("accept_source_route", "1"),
        r"packets that choose their own way",
    ),
    _setting(
        "redirects-sent",
        "a zone is told of ways around the filter",
        ("send_redirects", "1"),
        r"redirect",
        harmless="the filter lets no redirect of the router's out, as it belongs to no connection",
    ),
    _setting(
        "arp-for-another-network",
        "the router answers in one zone for its address in another",
        ("arp_ignore", "0"),
        r"ARP",
    ),
    _setting(
        "broadcasts-forwarded",
        "what is for a zone's broadcast address is passed on into it",
        ("bc_forwarding", "1"),
        r"broadcast|\.255",
    ),
    _setting(
        "broadcast-pings-answered",
        "the router answers a ping to everybody",
        ("icmp_echo_ignore_broadcasts", "0"),
        r"broadcast|\.255",
        harmless="the filter lets no such answer out, as it comes from another address than was asked",
    ),
    Fault(
        "gateway-address-wrong",
        "the router has another address in one zone",
        APPS,
        NETWORK.format("dmz"),
        instead("Address=192.168.30.1/24", "Address=192.168.30.254/24"),
        r"zone:dmz",
        gateway=("dmz", "192.168.30.254/24"),
    ),
    Fault(
        "netmask-wrong",
        "the router knows half of a zone's subnet",
        APPS,
        NETWORK.format("services"),
        instead("Address=192.168.20.1/24", "Address=192.168.20.1/25"),
        r"192\.168\.20\.(12[89]|1[3-9][0-9]|2[0-9][0-9])",
    ),
    Fault(
        "netmask-wider",
        "the router takes the neighbouring subnet for a part of one zone",
        SMALL,
        NETWORK.format("eth2"),
        instead("Address=192.168.30.1/24", "Address=192.168.30.1/23"),
        r"192\.168\.31\.|zone:dmz",
    ),
    Fault(
        "uplink-metric-wrong",
        "the second uplink is preferred to the first",
        UPLINKS,
        NETWORK.format("eth0"),
        instead("RouteMetric=100", "RouteMetric=300"),
        r"\(uplink:wan\).*meant arrived, seen",
    ),
    Fault(
        "default-route-missing",
        "no way leads to the internet",
        SMALL,
        NETWORK.format("eth0"),
        instead_of_line("Gateway=81.2.69.9", lambda line: "Destination=192.0.2.0/24\nGateway=81.2.69.9\n"),
        r"\(uplink:wan\).*meant arrived, seen",
    ),
    Fault(
        "exit-route-by-the-wrong-link",
        "the tunnel's table leads out by the usual uplink",
        SMALL,
        NETWORK.format("eth0"),
        lambda text: text + "\n[Route]\nGateway=81.2.69.9\nTable=22837\n",
        r"192\.168\.40\.66|who leave by uplink:out",
    ),
    Fault(
        "port-in-the-wrong-bridge",
        "the desk's port is a member of another zone's bridge",
        APPS,
        NETWORK.format("eth2"),
        instead("Bridge=lan", "Bridge=mgmt"),
        r"zone:lan|in lan",
    ),
    Fault(
        "port-of-no-bridge",
        "the desk's port is a member of no bridge",
        APPS,
        NETWORK.format("eth2"),
        without("Bridge=lan"),
        r"zone:lan",
    ),
)
