"""What ``ip route`` and ``ip rule`` print, as JSON (``-j``) or as text.

From iproute2's ip/iproute.c, iprule.c and their manual pages.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.linux.commands import Unspoken, account, routes, rule, unread_rule
from bailiwick.dataplane.linux.draft import Draft, spoken
from bailiwick.dataplane.linux.objects import listed, objects
from bailiwick.dataplane.model import Route
from bailiwick.dataplane.tally import Line

_LEARNT = frozenset({"dhcp", "ra", "bird", "zebra", "babel", "bgp", "ospf", "rip", "isis", "eigrp", "redirect"})
"""Protocols of a route that others teach (rtnetlink.h): it stands and falls with what they say."""


def read_routes(draft: Draft, file: str, text: str, table: str = "main", family: int = 4) -> None:
    """``ip route show``, of every table or of the one that is named. Raises Unreadable."""
    found = _route_words(file, text)
    for line, words in found:
        try:
            made = routes(words, line, 6 if any(":" in word for word in words[:3]) else family, table)
        except Unspoken as unspoken:
            draft.ledger.unknown(line, str(unspoken))
            draft.routes.append(Route(None, lasting=False, table=table, line=line, unsure=str(unspoken)))
            continue
        learnt = bool(_LEARNT & set(words))
        draft.routes.extend(_kept(one) if not learnt else _fleeting(one) for one in made)
        account(draft, line, next((one.unsure for one in made), ""))


def _kept(one: Route) -> Route:
    return one


def _fleeting(one: Route) -> Route:
    return Route(one.prefix, one.kind, one.interface, one.gateway, one.metric, one.table, False, one.line, one.unsure)


def _route_words(file: str, text: str) -> Iterator[tuple[Line, list[str]]]:
    if not text.lstrip().startswith("["):
        pending: tuple[Line, list[str]] | None = None
        for line, said in spoken(file, text):
            words = said.split()
            if words[0] == "nexthop" and pending is not None:
                pending[1].extend(words)
                continue
            if pending is not None:
                yield pending
            pending = (line, words)
        if pending is not None:
            yield pending
        return
    for line, one in objects(file, text):
        words = [str(one["type"])] if "type" in one else []
        words.append(str(one.get("dst", "default")))
        for key, word in _ROUTE_KEYS.items():
            if key in one:
                value = one[key]
                words += [word, str(value.get("host")) if isinstance(value, dict) else str(value)]
        for hop in listed(one.get("nexthops")):
            if isinstance(hop, dict):
                words.append("nexthop")
                for key in ("gateway", "via", "dev"):
                    if key in hop:
                        value = hop[key]
                        words += [_ROUTE_KEYS[key], str(value.get("host")) if isinstance(value, dict) else str(value)]
        words += [str(flag) for flag in listed(one.get("flags"))]
        words += [f"{key}?" for key in one if key not in _ROUTE_KEYS and key not in _ROUTE_REST]
        yield line, words


_ROUTE_KEYS = {
    "gateway": "via",
    "via": "via",
    "dev": "dev",
    "table": "table",
    "metric": "metric",
    "protocol": "proto",
    "tos": "tos",
    "from": "from",
}


_ROUTE_REST = frozenset(
    {
        "type",
        "dst",
        "flags",
        "nexthops",
        "scope",
        "prefsrc",
        "pref",
        "metrics",
        "expires",
        "error",
        "cache",
        "uid",
        "age",
    }
    | {"realm", "nhid", "weight", "hoplimit", "ipid", "used", "users"}
)


def read_rules(draft: Draft, file: str, text: str, family: int | None = 4) -> None:
    """``ip rule``; without ``-6`` it shows those of IPv4. Raises Unreadable."""
    for line, words in _rule_words(file, text):
        try:
            made = rule(words, line, family)
        except Unspoken as unspoken:
            draft.ledger.unknown(line, str(unspoken))
            draft.rules.append(unread_rule(line, str(unspoken)))
            continue
        draft.rules.append(made)
        account(draft, line, made.unsure)


def _rule_words(file: str, text: str) -> Iterator[tuple[Line, list[str]]]:
    if not text.lstrip().startswith("["):
        for line, said in spoken(file, text):
            head, colon, rest = said.partition(":")
            yield line, ["pref", head, *rest.split()] if colon and head.isdecimal() else said.split()
        return
    for line, one in objects(file, text):
        words = ["not"] if "not" in one else []
        for key, value in one.items():
            if key in ("src", "dst"):
                length = one.get(f"{key}len")
                full = str(value) if length is None or value == "all" else f"{value}/{length}"
                words += ["from" if key == "src" else "to", full]
            elif key == "fwmark":
                words += ["fwmark", f"{value}/{one['fwmask']}" if "fwmask" in one else str(value)]
            elif key == "action":
                words.append(str(value))
            elif key in _RULE_KEYS:
                words += [_RULE_KEYS[key], str(value)]
            elif key not in ("not", "srclen", "dstlen", "fwmask", "iif_detached", "oif_detached"):
                words.append(f"{key}?")
        yield line, words


_RULE_KEYS = {
    "priority": "pref",
    "table": "lookup",
    "iif": "iif",
    "oif": "oif",
    "protocol": "protocol",
    "suppress_prefixlen": "suppress_prefixlength",
    "ipproto": "ipproto",
    "sport": "sport",
    "dport": "dport",
    "tos": "tos",
}
