"""``ip rule`` and ``ip route`` in words: as commands (a batch of ip-batch) and as listings print them.

From ip-rule(8) and ip-route(8). Rules that ask for what the common form has not are kept, and entered as unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from bailiwick.dataplane.linux.draft import Draft, spoken
from bailiwick.dataplane.model import Address, Network, Route, RoutingRule
from bailiwick.dataplane.tally import Line

_KINDS = (
    "unicast",
    "local",
    "broadcast",
    "multicast",
    "throw",
    "unreachable",
    "prohibit",
    "blackhole",
    "anycast",
    "nat",
)
_HARMLESS_ROUTE = frozenset(
    {
        "proto",
        "protocol",
        "scope",
        "src",
        "mtu",
        "advmss",
        "initcwnd",
        "initrwnd",
        "pref",
        "realm",
        "realms",
        "hoplimit",
    }
    | {"window", "rtt", "rto_min", "expires", "cong", "quickack", "error", "features", "lock"}
)
_FLAGS = frozenset({"onlink", "linkdown", "dead", "offload", "trap", "pervasive", "cache", "rt_offload", "rt_trap"})
_ACTIONS = ("unreachable", "blackhole", "prohibit", "nop")
UNREAD = "of an unread rule"
"""The table of rules that could not be read; what is in it may be any route."""
OWN_KINDS = frozenset({"local", "broadcast", "nat", "anycast"})
"""Kinds of routes that belong in the table ``local`` unless they name another."""
FAMILY_TABLES = {"255": "local", "254": "main", "253": "default"}


class Unspoken(ValueError):
    """A word that is not understood; says which."""


def table_name(text: str) -> str:
    """Numbers of the three tables that the kernel itself names become these names."""
    return FAMILY_TABLES.get(text, text)


def prefix(text: str, family: int | None = None) -> Network:
    """``default``, ``all``, an address, a prefix. Raises Unspoken."""
    try:
        if text in ("default", "all", "any"):
            return ip_network("::/0" if family == 6 else "0.0.0.0/0")
        return ip_network(text, strict=False)
    except ValueError:
        raise Unspoken(f"{text} is no prefix") from None


def gateway(text: str) -> Address:
    """Raises Unspoken."""
    try:
        return ip_address(text)
    except ValueError:
        raise Unspoken(f"{text} is no address") from None


def number(text: str) -> int:
    """Decimal or hexadecimal. Raises Unspoken."""
    try:
        return int(text, 0)
    except ValueError:
        raise Unspoken(f"{text} is no number") from None


class _Words:
    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.at = 0

    def next(self) -> str:
        if self.at >= len(self.words):
            raise Unspoken("a word is missing at the end")
        self.at += 1
        return self.words[self.at - 1]

    def __iter__(self) -> Iterator[str]:
        while self.at < len(self.words):
            yield self.next()


def rule(words: list[str], line: Line, family: int | None) -> RoutingRule:
    """The words after ``ip rule add`` or ``5:``. Raises Unspoken for a word that nobody here knows."""
    at = _Words(words)
    known: dict[str, Any] = {"priority": 0, "line": line, "family": family}
    unsure: list[str] = []
    for word in at:
        match word:
            case "from" | "to":
                value = at.next()
                if value not in ("all", "any", "default"):
                    known["source" if word == "from" else "destination"] = prefix(value)
            case "not":
                known["inverted"] = True
            case "pref" | "preference" | "priority" | "order":
                known["priority"] = number(at.next())
            case "fwmark":
                value, _, mask = at.next().partition("/")
                known["mark"] = (number(value), number(mask) if mask else 0xFFFFFFFF)
            case "iif" | "oif" | "dev":
                known["oif" if word == "oif" else "iif"] = at.next()
            case "lookup" | "table":
                known["table"] = table_name(at.next())
            case "suppress_prefixlength" | "sup_pl":
                known["suppress_prefix"] = number(at.next())
            case "protocol" | "proto":
                at.next()
            case "[detached]" | "unicast":
                pass
            case _ if word in _ACTIONS:
                known["action"] = word
            case (
                "ipproto" | "sport" | "dport" | "uidrange" | "tos" | "dsfield" | "realms" | "suppress_ifgroup" | "goto"
            ):
                unsure.append(f"{word} {at.next()}")
            case "l3mdev":
                unsure.append(word)
            case _:
                raise Unspoken(f"a rule with `{word}`")
    return RoutingRule(**known, unsure=", ".join(unsure))


def routes(words: list[str], line: Line, family: int | None, table: str = "main") -> list[Route]:
    """The words after ``ip route add`` or of a listing; several next hops are several routes. Raises Unspoken."""
    at = _Words(words)
    kind, first = "unicast", at.next()
    if first in _KINDS:
        kind, first = first, at.next()
    metric, hops, dead, unsure = 0, [_Hop()], False, ""
    for word in at:
        match word:
            case "via":
                value = at.next()
                hops[-1].gateway = gateway(at.next() if value in ("inet", "inet6") else value)
            case "dev":
                hops[-1].interface = at.next()
            case "table":
                table = table_name(at.next())
            case "metric" | "preference" | "priority":
                metric = number(at.next())
            case "nexthop":
                if hops != [_Hop()]:
                    hops.append(_Hop())
            case "weight":
                at.next()
            case "tos" | "dsfield" | "from":
                value = at.next()
                unsure = "" if value in ("0", "0x0", "0x00", "all", "default") else f"{word} {value}"
            case _ if word in _FLAGS:
                dead = dead or word == "dead"
            case _ if word in _HARMLESS_ROUTE:
                value = at.next()
                if word in ("mtu", "advmss", "hoplimit", "rto_min") and value == "lock":
                    at.next()
            case _:
                raise Unspoken(f"a route with `{word}`")
    if dead:
        return []
    version = family or next((hop.gateway.version for hop in hops if hop.gateway is not None), None)
    to = prefix(first, version)
    return [Route(to, kind, hop.interface, hop.gateway, metric, table, line=line, unsure=unsure) for hop in hops]


@dataclass
class _Hop:
    interface: str | None = None
    gateway: Address | None = None


def read_batch(draft: Draft, file: str, text: str, family: int | None = 4) -> None:
    """Commands of ``ip -batch``, or whole ``ip …`` lines. ``family`` is what plain prefixes like ``default`` mean."""
    for line, said in spoken(file, text):
        words = said.partition(" #")[0].split()
        version = family
        while words and words[0] in ("ip", "/sbin/ip", "/usr/sbin/ip", "-4", "-6"):
            version = {"-4": 4, "-6": 6}.get(words[0], version)
            words = words[1:]
        try:
            _command(draft, words, line, version)
        except Unspoken as unspoken:
            draft.ledger.unknown(line, str(unspoken))
            _unread(draft, words, line, str(unspoken))


def _unread(draft: Draft, words: list[str], line: Line, why: str) -> None:
    """A rule or route that is there and says nobody knows what."""
    if words[:1] and words[0] in ("rule", "ru"):
        draft.rules.append(unread_rule(line, why))
    elif words[:1] and words[0] in ("route", "ro", "r"):
        at = words.index("table") + 1 if "table" in words else len(words)
        table = table_name(words[at]) if at < len(words) else "main"
        draft.routes.append(Route(None, lasting=False, table=table, line=line, unsure=why))


def unread_rule(line: Line, why: str) -> RoutingRule:
    """A rule that could not be read: it may stand before all others, and lead anywhere."""
    return RoutingRule(0, table=UNREAD, line=line, unsure=why)


def _command(draft: Draft, words: list[str], line: Line, family: int | None) -> None:
    match words:
        case ["rule" | "ru", "add" | "a", *rest]:
            made = rule(rest, line, family)
            draft.rules.append(made)
            account(draft, line, made.unsure)
        case ["route" | "ro" | "r", "add" | "a" | "append" | "replace" | "change" as verb, *rest]:
            found = routes(rest, line, family, _table_of(rest[0] if rest else ""))
            if verb in ("replace", "change"):
                same = {(one.prefix, one.metric, one.table) for one in found}
                draft.routes[:] = [one for one in draft.routes if (one.prefix, one.metric, one.table) not in same]
            draft.routes.extend(found)
            account(draft, line, next((one.unsure for one in found), ""))
        case _:
            draft.ledger.unknown(line, "a command that nobody here reads")


def _table_of(kind: str) -> str:
    """Where a route goes that names no table: ``ip`` files what is the device's own apart (iproute.c)."""
    return "local" if kind in OWN_KINDS else "main"


def account(draft: Draft, line: Line, unsure: str) -> None:
    """One line: understood, or unknown for what is unsure about it."""
    if unsure:
        draft.ledger.unknown(line, f"holds only for some packets: {unsure}")
    else:
        draft.ledger.understood()
