"""Faults of the packet filter: what is let through or held back otherwise than meant."""

from __future__ import annotations

from tests.twin.faults.fault import (
    FIREWALL,
    Edit,
    Fault,
    before_line,
    both,
    in_block,
    in_line,
    instead,
    without,
    without_first,
)

APPS, SMALL = "public-apps", "small"


def _one(name: str, what: str, edit: Edit, sight: str, home: str = APPS) -> Fault:
    return Fault(name, what, home, FIREWALL, edit, sight)


FAULTS = (
    _one(
        "rule-removed",
        "the rule that lets the proxy speak to the application is gone",
        without("flow:policy:proxy->dmz-allowed:cloud-app"),
        r"tcp .*zone:dmz.* to 192\.168\.20\.5:44311 .*meant arrived, seen dropped",
    ),
    _one(
        "port-wider",
        "the proxy may use one port more of the application",
        instead("tcp dport 44311", "tcp dport 44311-44312"),
        r"from 192\.168\.30\.5 .* to 192\.168\.20\.5:44312 .*meant dropped, seen arrived",
    ),
    _one(
        "port-narrower",
        "the highest port of a range is no longer open",
        instead("udp dport 50000-65535", "udp dport 50000-65534"),
        r"udp from .*zone:lan.*:65535 .*meant arrived, seen refused|udp from .*zone:lan.*:65535 .*seen dropped",
    ),
    _one(
        "source-wider",
        "one address more than the proxy may reach the application",
        instead(
            "ip saddr 192.168.30.5 ip daddr 192.168.20.5 ", "ip saddr 192.168.30.5-192.168.30.6 ip daddr 192.168.20.5 "
        ),
        r"from 192\.168\.30\.6 .*:44311 .*meant dropped, seen arrived",
    ),
    _one(
        "target-wider",
        "the proxy may reach one address more than the application's",
        instead("ip saddr 192.168.30.5 ip daddr 192.168.20.5 ", "ip saddr 192.168.30.5 ip daddr 192.168.20.4/31 "),
        r"to 192\.168\.20\.4:44311 .*meant dropped, seen arrived",
    ),
    _one(
        "protocol-wider",
        "a service of TCP is open to UDP too",
        instead("192.168.10.0/24 tcp dport 22 accept", "192.168.10.0/24 th dport 22 accept"),
        r"udp from .*zone:mgmt.*:22 .*meant dropped, seen arrived",
    ),
    _one(
        "set-element-missing",
        "one of the front's networks is missing among those that may come in",
        without("188.114.96.0/20 . 192.168.30.5"),
        r"from 188\.114\..* \(uplink:wan\) .*meant arrived, seen dropped",
    ),
    _one(
        "set-element-too-many",
        "a network that is not the front's may come in",
        instead("103.21.244.0/22", "103.21.240.0/21"),
        r"from 103\.21\.24.* \(uplink:wan\) .*meant dropped, seen strayed: seen at zone:dmz",
    ),
    _one(
        "map-to-the-wrong-chain",
        "what guests may open on the internet is looked up where the home's own is",
        instead('"guest" . "services" : jump forward.guest.services', '"guest" . "services" : jump forward.guest.wan'),
        r"zone:guest.* \(zone:services\).*meant dropped, seen arrived",
    ),
    _one(
        "map-entry-missing",
        "one pair of places is not looked up at all",
        without('"mgmt" . "dmz" : jump'),
        r"zone:mgmt.* \(zone:dmz\).*meant arrived, seen dropped",
    ),
    _one(
        "interface-swapped-in-a-pair",
        "what goes from one zone to the internet is looked up for the opposite way",
        instead('"iot" . "ppp-wan" : jump', '"ppp-wan" . "iot" : jump'),
        r"zone:iot.* \(uplink:wan\).*meant arrived, seen dropped",
    ),
    _one(
        "drop-becomes-accept",
        "the last rule of what is forwarded lets everything through",
        in_block("chain forward", instead('drop comment "refuse"', 'accept comment "refuse"')),
        r"zone:services.* \(zone:mgmt\).*meant dropped, seen arrived",
    ),
    _one(
        "reject-becomes-drop",
        "a zone that is told of refusals meets silence",
        instead("reject with icmpx admin-prohibited", "drop"),
        r"refusals told to lan",
    ),
    _one(
        "replies-missing",
        "answers to what was accepted are no longer let through",
        in_block("chain forward", without('comment "replies"')),
        r"tcp from .*answered by .*",
    ),
    _one(
        "invalid-accepted",
        "what belongs to no connection is let through",
        in_block("chain forward", in_line("ct state invalid", "drop", "accept")),
        r"TCP flags that begin nothing|ICMP that belongs to nothing|answers from",
    ),
    _one(
        "log-rule-accepts",
        "a rule that was to log takes the decision, for everybody",
        in_block(
            "chain forward.services.wan",
            in_line(
                "log prefix",
                "ct status ! confirmed ip saddr 192.168.20.0/24 ip saddr != 192.168.20.1 "
                "ip saddr != 192.168.20.255 ip saddr != 192.168.20.66 log",
                "accept log",
            ),
        ),
        r"zone:services.* \(uplink:wan\).*meant dropped, seen (arrived|strayed)",
    ),
    _one(
        "input-opened-from-the-uplink",
        "the router answers the whole internet on one port",
        before_line("iifname vmap @input.pairs", 'iifname "ppp-wan" tcp dport 22 accept'),
        r"uplink:wan.*:22 \(router\).*meant dropped, seen arrived",
    ),
    _one(
        "input-opened-to-a-zone",
        "the router's own services are open to a zone that asks for addresses only",
        in_block("chain input.iot", before_line("ip saddr", "ip saddr 192.168.50.0/24 accept")),
        r"zone:iot.* \(router\).*meant dropped, seen arrived",
    ),
    _one(
        "output-hygiene-missing",
        "the router's own packets leave for addresses that are nobody's",
        in_block("chain output", without('comment "hygiene:martians:uplink:wan"')),
        r"\(router\) .*\(uplink:wan\).*meant dropped, seen arrived",
    ),
    _one(
        "forward-hygiene-missing",
        "the home's packets leave for addresses that are nobody's",
        in_block("chain forward", without('comment "hygiene:martians:uplink:wan"')),
        r"zone:.* \(uplink:wan\).*meant dropped, seen arrived",
    ),
    _one(
        "bogon-missing",
        "one range that is nobody's is a source like any other",
        in_block("set bogons.wan", without("172.16.0.0/12")),
        r"from 172\..* \(uplink:wan\) .*meant dropped, seen",
        home=SMALL,
    ),
    _one(
        "bogons-emptied",
        "whatever is nobody's is a source like any other",
        in_block("set bogons.wan.networks", lambda text: text.split("\t\telements")[0]),
        r"\(uplink:wan\) .*meant dropped, seen",
        home=SMALL,
    ),
    _one(
        "anti-spoof-missing",
        "anybody in a zone may bear another's address",
        without("fib saddr . iif oif missing"),
        r"zone:.*meant dropped, seen",
        home=SMALL,
    ),
    _one(
        "anti-spoof-of-a-permission",
        "a permission no longer looks at who speaks",
        in_block(
            "chain forward.lan.iot",
            instead("ip saddr 192.168.40.0/24 ip saddr != 192.168.40.1 ip saddr != 192.168.40.255 ", ""),
        ),
        r"zone:lan.* \(zone:iot\).*meant (dropped|refused), seen arrived",
    ),
    _one(
        "dhcp-closed",
        "clients of one zone may not ask for an address",
        both(
            without('"iot" . 192.168.50.1 comment'),
            both(without('"iot" . 255.255.255.255 comment'), without_first('"iot" : jump input.iot')),
        ),
        r"lease .*iot",
    ),
    _one(
        "policy-accepts",
        "the chain's policy and its last rule let everything in",
        in_block("chain input", both(instead("policy drop", "policy accept"), without('drop comment "refuse"'))),
        r"uplink:wan.* \(router\).*meant dropped, seen arrived",
    ),
    _one(
        "isolated-zones-joined",
        "guests may speak to the things",
        instead(
            '"guest" . "services" : jump',
            '"guest" . "iot" : jump forward.guest.wan,\n\t\t\t"guest" . "services" : jump',
        ),
        r"zone:guest.* \(zone:iot\).*meant dropped, seen arrived",
    ),
    _one(
        "direct-entry-without-a-door",
        "who routes straight at a host behind a door comes in",
        in_block("chain forward.wan.dmz", instead("ct status dnat ", "")),
        r"uplink:wan.* \(zone:dmz\).*meant dropped, seen arrived",
        home=SMALL,
    ),
    _one(
        "direct-entry-by-the-front",
        "who stands behind a door's front and routes straight at its host comes in",
        in_block("chain forward.wan.dmz", instead("ct status dnat ", "")),
        r"uplink:wan.* \(zone:dmz\).*meant dropped, seen arrived",
    ),
    _one(
        "whole-ruleset-gone",
        "no filter at all is loaded",
        lambda text: text[: text.index("table inet bailiwick {")],
        r"uplink:wan.*meant dropped, seen",
    ),
)
