"""What a configuration file is, told by its text alone."""

from __future__ import annotations

import json
import re
from enum import StrEnum

EXPECTED = (
    "It reads: iptables-save and ip6tables-save, ipset save, nft list ruleset (text, or -j), a RouterOS /export, and "
    "beside them what `ip addr`, `ip route`, `ip rule` and `bridge -j vlan` print (text, or -j), or a directory of "
    "`bailiwick build`."
)


class Form(StrEnum):
    IPTABLES = "iptables-save"
    IPSET = "ipset save"
    NFT = "nft list ruleset"
    NFT_JSON = "nft -j list ruleset"
    ROUTEROS = "RouterOS export"
    LINKS = "ip addr"
    ROUTES = "ip route"
    RULES = "ip rule"
    VLANS = "bridge vlan"


_MENUS = "interface|ip|ipv6|routing|system|user|tool|queue|ppp|snmp|certificate|caps-man|port|radius|disk|file|mpls"
_ADDRESS = r"(?:\d{1,3}(?:\.\d{1,3}){3}(?:/\d+)?|[0-9a-fA-F]*:[0-9a-fA-F:.]*(?:/\d+)?|default)"
_KINDS = "unicast|local|broadcast|multicast|throw|unreachable|prohibit|blackhole|anycast"
_SIGNS = (
    (Form.IPTABLES, re.compile(r"^\*(?:filter|nat|mangle|raw|security)\b", re.M)),
    (Form.IPSET, re.compile(r"^create \S+ (?:hash|bitmap|list):", re.M)),
    (
        Form.NFT,
        re.compile(
            r"^(?:#!\S*\bnft\b|\s*(?:add\s+)?table\s+(?:(?:ip6?|inet|arp|bridge|netdev)\s+)?\S+\s*[{;]?\s*$)", re.M
        ),
    ),
    (Form.ROUTEROS, re.compile(rf"^(?:# .* by RouterOS\b|/(?:{_MENUS})(?:[ /]|\s*$))", re.M)),
    (Form.RULES, re.compile(r"^\d+:\s+(?:not )?from\s", re.M)),
    (Form.LINKS, re.compile(r"^\d+:\s+\S+:\s+<[A-Z0-9_,-]*>", re.M)),
    (Form.ROUTES, re.compile(rf"^(?:(?:{_KINDS})\s+)?{_ADDRESS}\s+(?:dev|via|proto|nhid|metric|table)\s", re.M)),
)


def recognise(text: str) -> Form | None:
    """None for what is none of the forms."""
    start = text.lstrip("\ufeff \t\r\n")
    if start[:1] in ("{", "["):
        return _json(start)
    return next((form for form, sign in _SIGNS if sign.search(text)), None)


def _json(text: str) -> Form | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, dict):
        return Form.NFT_JSON if "nftables" in found else None
    keys = {key for one in found if isinstance(one, dict) for key in one}
    if "vlans" in keys:
        return Form.VLANS
    if "flags" in keys and "ifname" in keys:
        return Form.LINKS
    if "priority" in keys:
        return Form.RULES
    return Form.ROUTES if "dst" in keys else None
