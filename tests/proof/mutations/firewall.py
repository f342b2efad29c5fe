"""Every single-token change of a rendered firewall.nft."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.proof.mutations.mutant import Change, Mutant, mutants
from tests.proof.mutations.tokens import ADDRESS, Names, addresses, networks, numbers, others

_SPOKEN = re.compile(r'(?:comment|log prefix) "[^"]*"|#.*')
"""Words for people: they decide nothing."""
_TOKEN = re.compile(
    rf'(?P<network>{ADDRESS}/\d+)|(?P<address>{ADDRESS})|(?P<name>"[^"]*")|(?P<set>@[\w.-]+)'
    r"|(?P<number>\b\d+\b)|(?P<operator>!=|==)|(?P<word>[A-Za-z_][\w.-]*)"
)
_SELECTOR = r"(?:ip [sd]addr|[io]ifname|(?:tcp|udp|th) dport|meta l4proto|meta nfproto|icmp type|ct state|ct status)"
_VALUE = r'(?:\{[^}]*\}|"[^"]*"|@[\w.-]+|[\w.,/-]+)'
_CONDITION = re.compile(rf"{_SELECTOR} (?:!=? )?{_VALUE} (?!\. )")
_PLAIN = re.compile(rf"(?<!\. ){_SELECTOR} (?!!|\.|map|vmap|&)(?={_VALUE})")
_MATCH = re.compile(r"fib (?:saddr \. iif oif missing|daddr type local) ")
_WORDS = {
    "accept": ("drop", "return"),
    "drop": ("accept", "return"),
    "reject": ("accept", "drop"),
    "masquerade": ("accept",),
    "jump": ("goto",),
    "goto": ("jump",),
    "saddr": ("daddr",),
    "daddr": ("saddr",),
    "dport": ("sport",),
    "iifname": ("oifname",),
    "oifname": ("iifname",),
    "tcp": ("udp",),
    "udp": ("tcp",),
    "icmp": ("tcp", "igmp"),
    "ipv6": ("ipv4",),
    "established": ("new", "invalid"),
    "related": ("new", "invalid"),
    "invalid": ("new", "untracked"),
    "dnat": ("snat",),
    "confirmed": ("dnat",),
    "missing": ("exists",),
    "local": ("unicast", "broadcast"),
    "filter": ("raw", "mangle"),
    "mangle": ("filter",),
    "dstnat": ("srcnat", "filter"),
    "srcnat": ("dstnat", "filter"),
    "input": ("forward",),
    "forward": ("input", "output"),
    "output": ("input", "forward"),
    "prerouting": ("postrouting", "input"),
    "postrouting": ("prerouting", "output"),
    "nat": ("filter",),
    "redirect": ("masquerade",),
    "syn": ("fin",),
    "rst": ("fin",),
    "destination-unreachable": ("echo-request",),
    "time-exceeded": ("echo-request",),
    "parameter-problem": ("echo-request",),
    "admin-prohibited": ("host-unreachable",),
    "inet": ("ip",),
    "ipv4_addr": ("ipv6_addr",),
    "th": ("tcp", "udp"),
    "oif": ("oifname",),
    "iif": ("iifname", "mark"),
}


def firewall_mutants(path: str, text: str, interfaces: list[str]) -> Iterator[Mutant]:
    names = Names(
        interfaces,
        re.findall(r"^\tchain ([\w.-]+)", text, re.MULTILINE),
        re.findall(r"^\t(?:set|map) ([\w.-]+)", text, re.MULTILINE),
    )
    return mutants(path, text, lambda line: _changes(line, names))


def _changes(line: str, names: Names) -> Iterator[Change]:
    silent = _SPOKEN.sub(lambda found: " " * len(found[0]), line)
    if not silent.strip():
        return
    for found in _TOKEN.finditer(silent):
        for kind, new in _alternatives(found, names):
            yield kind, found[0], new, line[: found.start()] + new + line[found.end() :]
    for found in _PLAIN.finditer(silent):
        yield "negated", found[0], f"{found[0]}!= ", line[: found.end()] + "!= " + line[found.end() :]
    for pattern in (_CONDITION, _MATCH):
        for found in pattern.finditer(silent):
            yield "condition removed", found[0], "", line[: found.start()] + line[found.end() :]
    yield "line removed", line, "", ""


def _alternatives(found: re.Match[str], names: Names) -> Iterator[tuple[str, str]]:
    token = found[0]
    match found.lastgroup:
        case "network":
            yield from networks(*token.split("/"))
        case "address":
            yield from addresses(token)
        case "name":
            for kind, name in others(token.strip('"'), names.interfaces, "interface"):
                yield kind, f'"{name}"'
        case "set":
            for kind, name in others(token[1:], names.sets, "set", 3):
                yield kind, f"@{name}"
        case "number":
            yield from numbers(token)
        case "operator":
            yield "operator", "==" if token == "!=" else "!="
        case _:
            before = found.string[: found.start()].rstrip()
            if before.endswith(("jump", "goto")):
                yield from others(token, names.chains, "chain")
            for word in _WORDS.get(token, ()):
                yield "word", word
            yield "word removed", ""
