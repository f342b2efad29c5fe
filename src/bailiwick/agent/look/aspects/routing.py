"""Routes and routing rules: what ``ip route show table all`` and ``ip rule`` list (rtnetlink(7)).

Routes that a lease, a neighbour or a routing daemon brings come and go with it; those that the kernel makes of an
address are compared where the address lasts.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

from bailiwick.agent.look import foreign
from bailiwick.agent.look.aspects.fact import Fact, Side, flags

Json = Mapping[str, Any]
_LEARNT = frozenset(
    {"dhcp", "ra", "redirect", "gated", "zebra", "bird", "babel", "bgp", "isis", "ospf", "rip", "eigrp"}
)
_LEARNT |= {"keepalived"}
OURS, KERNELS = "of Bailiwick", "proto kernel"
"""How the value of a fact ends."""


def routes(listed: Mapping[int, list[Json]], whose: Mapping[str, str], static: Mapping[str, frozenset[str]]) -> Side:
    """``static``: of each link its lasting addresses, and their networks."""
    lasting = frozenset().union(*static.values())
    side = Side()
    for routes_ in listed.values():
        for one in routes_:
            links = [str(hop["dev"]) for hop in (one, *one.get("nexthops", ())) if "dev" in hop]
            if one.get("protocol") == "kernel" and not _kept(one, links, static):
                continue
            owner = next((whose[link] for link in links if whose.get(link)), "") or _brought(one, lasting)
            side.add(_route(one, links[0] if links else "", owner))
    return side.sort()


def _kept(one: Json, links: list[str], static: Mapping[str, frozenset[str]]) -> bool:
    """Of the kernel's own routes, the one to the network of an address that lasts."""
    if one.get("table", "main") != "main" or not links:
        return False
    near = static.get(links[0], frozenset())
    return (one["prefsrc"] in near if "prefsrc" in one else True) and _network(one["dst"]) in near


def _network(text: str) -> str:
    return str(ip_network(text, strict=False))


def _brought(one: Json, lasting: frozenset[str]) -> str:
    if one.get("protocol") in _LEARNT:
        return f"the protocol {one['protocol']}"
    if "expires" in one:
        return "router advertisements"
    return "a lease" if "prefsrc" in one and one["prefsrc"] not in lasting else ""


def _route(one: Json, link: str, owner: str) -> Fact:
    protocol = one.get("protocol", "")
    kind = one.get("type", "unicast")
    value = flags(
        (
            ("", kind if kind != "unicast" else ""),
            *_hop(one),
            *(pair for hop in one.get("nexthops", ()) for pair in (("", "nexthop"), *_hop(hop))),
            ("from", one.get("prefsrc")),
            ("scope", one.get("scope") if one.get("scope", "global") != "global" else ""),
            ("", OURS if protocol in foreign.PROTOCOLS else f"proto {protocol}"),
        )
    )
    subject = flags((("", one["dst"]), ("metric", one.get("metric") or None), ("table", one.get("table", "main"))))
    hops = [key(kind, one["dst"], hop.get("dev"), hop.get("gateway"), one) for hop in (one, *one.get("nexthops", ()))]
    return Fact(subject, value, hops[0] if len(hops) == 1 else " + ".join(hops[1:]), link, owner)


def key(kind: str, prefix: object, link: object, gateway: object, more: Json) -> str:
    """What one route of one hop is told apart by; ``more`` has its metric and its table. The kernel gives a route of
    IPv6 without a metric 1024 (IP6_RT_PRIO_USER of net/ip6_route.h)."""
    network = ip_network(str(prefix), strict=False)
    metric = more.get("metric") or (1024 if network.version == 6 else 0)
    return f"{kind} {network} {link or '-'} {gateway or '-'} {metric} {more.get('table', 'main')}"


def _hop(hop: Json) -> tuple[tuple[str, object], ...]:
    via = hop["via"].get("host") if isinstance(hop.get("via"), Mapping) else hop.get("via")
    weight = hop.get("weight") if hop.get("weight") != 1 else None
    onlink = "onlink" if "onlink" in hop.get("flags", ()) else ""
    return (("via", hop.get("gateway") or via), ("dev", hop.get("dev")), ("weight", weight), ("", onlink))


def rules(listed: Mapping[int, list[Json]]) -> Side:
    """In the order in which the kernel asks them: of two with the same preference the earlier one wins."""
    side = Side()
    for version, rules_ in sorted(listed.items()):
        for one in rules_:
            side.add(Fact(*rule_key(version, one), whose=foreign.of_routing_rule(one)))
    return side


def rule_key(version: int, one: Json) -> tuple[str, str]:
    """Subject and value of its fact."""
    return f"IPv{version} rule {one['priority']}", _selector(one)


def _selector(one: Json) -> str:
    protocol = str(one.get("protocol", "unspec"))
    mark = f"{one['fwmark']}/{one['fwmask']}" if "fwmask" in one else one.get("fwmark")
    known = ("priority", "protocol", "src", "srclen", "dst", "dstlen", "fwmark", "fwmask", "table", "action", "not")
    passing = ("iif_detached", "oif_detached")  # the link that it names is not there at the moment
    rest = sorted((key, value) for key, value in one.items() if key not in (*known, *passing))
    return flags(
        (
            ("", "not" if "not" in one else ""),
            ("from", _prefix(one, "src")),
            ("to", _prefix(one, "dst")),
            ("fwmark", mark),
            *((key, "yes" if value is None else value) for key, value in rest),
            ("lookup", one.get("table")),
            ("", one.get("action")),
            ("", OURS if protocol in foreign.PROTOCOLS else f"proto {protocol}"),
        )
    )


def _prefix(one: Json, key: str) -> str:
    if key not in one:
        return ""
    length = one.get(f"{key}len")
    return str(one[key]) if length is None or one[key] == "all" else f"{one[key]}/{length}"
