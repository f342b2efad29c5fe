"""What to write instead, in the language that the configuration is written in."""

from __future__ import annotations

from collections.abc import Mapping

_POLICY = {
    "routeros": '/{ip} firewall filter add chain={chain} action=drop comment="whatever nothing above allows"',
    "iptables": "{iptables} -P {chain} DROP",
    "nft": "chain {chain} {{ … policy drop; }}",
}


def drop_the_rest(syntax: str, chain: str, family: int) -> str:
    """The last word of a chain."""
    return "first allow what is to pass, then: " + _filled(_POLICY, syntax, chain, family)


_STRANGERS = {
    "routeros": "/{ip} firewall filter add chain={chain} action=drop in-interface-list=!LAN, "
    "with every interface of the home in the list LAN",
    "iptables": "{iptables} -P {chain} DROP, and accept by the interfaces of the home (-i), not all but one",
    "nft": "policy drop, and accept by the interfaces of the home (iifname), not all but one",
}


def drop_strangers(syntax: str, chain: str, family: int) -> str:
    """Whatever does not come from a zone, rather than what comes by one known outside."""
    return _filled(_STRANGERS, syntax, chain, family)


_INVALID = {
    "routeros": "/{ip} firewall filter add chain={chain} action=drop connection-state=invalid, before what accepts",
    "iptables": "{iptables} -I {chain} -m conntrack --ctstate INVALID -j DROP",
    "nft": "ct state invalid drop",
}


def drop_invalid(syntax: str, chain: str, family: int) -> str:
    """What conntrack has no place for."""
    return _filled(_INVALID, syntax, chain, family)


_FORGED = {
    "routeros": "/ip settings set rp-filter=strict (not with policy routing: there, drop in raw what an interface "
    "has no business to send), or give each rule its in-interface",
    "iptables": "sysctl net.ipv4.conf.all.rp_filter=1, or give each rule its interface: -i",
    "nft": "fib saddr . iif oif missing drop, or give each rule its iifname",
}


def drop_forged(syntax: str) -> str:
    """What comes by an interface that its source does not live behind."""
    return _FORGED[syntax]


def _filled(table: Mapping[str, str], syntax: str, chain: str, family: int) -> str:
    """RouterOS calls its chains as hooks are called, iptables in capitals."""
    named = {"iptables": chain.upper(), "routeros": chain.lower()}.get(syntax, chain)
    ip, iptables = ("ip", "iptables") if family == 4 else ("ipv6", "ip6tables")
    return table[syntax].format(chain=named, ip=ip, iptables=iptables)
