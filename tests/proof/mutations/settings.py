"""Every single-token change of the other files: networkd's, the routing batch, sysctl, dnsmasq, pppd."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.proof.mutations.mutant import Change, Mutant, mutants
from tests.proof.mutations.tokens import ADDRESS, addresses, networks, numbers, others

_TOKEN = re.compile(
    rf"(?P<network>{ADDRESS}/\d+)|(?P<address>{ADDRESS})|(?P<number>(?<![\w.:-])\d+(?![\w.:-]))|(?P<word>[A-Za-z][\w.-]*)"
)
_WORDS = {
    "yes": ("no",),
    "no": ("yes",),
    "lookup": ("unreachable",),
    "unreachable": ("blackhole", "unicast"),
    "from": ("to",),
    "to": ("from",),
    "oif": ("iif",),
    "iif": ("oif",),
    "main": ("default",),
    "default": ("10.0.0.0/8", "all"),
    "vlan": ("bridge", "dummy"),
    "bridge": ("vlan", "dummy"),
    "all": ("default",),
    "ipv4": ("no", "ipv6"),
    "link": ("host",),
    "rule": ("route",),
    "add": ("del",),
    "replace": ("del",),
}
READ = re.compile(r"\.(network|netdev|link)$|exits\.batch$|/sysctl\.d/|/dnsmasq/|/ppp/peers/|/udev/|networkd\.conf")


def setting_mutants(path: str, text: str, interfaces: list[str]) -> Iterator[Mutant]:
    return mutants(path, text, lambda line: _changes(line, interfaces))


def _changes(line: str, interfaces: list[str]) -> Iterator[Change]:
    if not line.strip() or line.lstrip().startswith("#") or line.startswith("Description="):
        return
    for found in _TOKEN.finditer(line):
        for kind, new in _alternatives(found, interfaces):
            yield kind, found[0], new, line[: found.start()] + new + line[found.end() :]
    yield "line removed", line, "", ""


def _alternatives(found: re.Match[str], interfaces: list[str]) -> Iterator[tuple[str, str]]:
    token = found[0]
    match found.lastgroup:
        case "network":
            yield from networks(*token.split("/"))
            yield from (("address", f"{new}/{token.split('/')[1]}") for _, new in addresses(token.split("/")[0]))
        case "address":
            yield from addresses(token)
        case "number":
            yield from numbers(token)
        case _:
            yield from others(token, interfaces, "interface")
            yield from (("word", word) for word in _WORDS.get(token, ()))
