"""Every single-token change of a rendered RouterOS script: a value, an argument, a verb, a menu, a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bailiwick.dataplane.routeros.words import words
from tests.proof.mutations.mutant import Change, Mutant, mutants
from tests.proof.mutations.tokens import ADDRESS, addresses, networks, numbers, others

_PAIR = re.compile(r'(?<= )(?P<key>[a-z0-9-]+)=(?P<value>"(?:\\.|[^"\\])*"|[^\s"]*)')
_VERB = re.compile(r"(?P<menu>/[a-z0-9 -]+?) (?P<verb>add|set|remove)\b")
_NETWORK = re.compile(rf"({ADDRESS})/(\d+)")
_RANGE = re.compile(rf"({ADDRESS})-({ADDRESS})")
_NAMED = {
    "interface": "interface", "in-interface": "interface", "out-interface": "interface", "gateway": "interface",
    "jump-target": "chain", "chain": "chain", "src-address-list": "list", "dst-address-list": "list", "list": "list",
    "routing-table": "table", "table": "table", "new-routing-mark": "table", "address-pool": "pool", "server": "pool",
    "bridge": "interface", "tagged": "interface", "untagged": "interface", "in-interface-list": "inside",
    "dhcp-option": "option",
}  # fmt: skip
"""What the names in an argument's value are names of."""
_OTHER_KEY = {
    "in-interface": "out-interface", "out-interface": "in-interface", "src-address": "dst-address",
    "dst-address": "src-address", "src-address-list": "dst-address-list", "dst-address-list": "src-address-list",
    "dst-port": "src-port", "tagged": "untagged", "untagged": "tagged", "pool": "ranges",
}  # fmt: skip
_NEGATABLE = frozenset(
    words(
        "in-interface out-interface in-interface-list src-address dst-address src-address-list dst-address-list "
        "protocol dst-port connection-state connection-nat-state connection-mark dst-address-type src-address-type "
        "icmp-options"
    )
)
_WORDS: Mapping[str, Sequence[str]] = {
    "accept": ("drop", "return"),
    "drop": ("accept", "return"),
    "reject": ("accept", "drop"),
    "jump": ("accept", "return"),
    "masquerade": ("accept", "src-nat"),
    "dst-nat": ("accept", "redirect"),
    "redirect": ("accept", "dst-nat"),
    "change-mss": ("accept",),
    "mark-connection": ("mark-packet", "accept"),
    "mark-routing": ("mark-packet", "accept"),
    "yes": ("no",),
    "no": ("yes",),
    "none": ("all", "static"),
    "tcp": ("udp",),
    "udp": ("tcp",),
    "icmp": ("tcp",),
    "established": ("new", "invalid"),
    "related": ("new", "untracked"),
    "invalid": ("new", "untracked"),
    "dstnat": ("srcnat",),
    "local": ("unicast", "broadcast"),
    "lookup-only-in-table": ("lookup", "drop"),
    "icmp-admin-prohibited": ("icmp-host-unreachable",),
    "admit-only-vlan-tagged": ("admit-all", "admit-only-untagged-and-priority-tagged"),
    "admit-only-untagged-and-priority-tagged": ("admit-all", "admit-only-vlan-tagged"),
    "admit-all": ("admit-only-vlan-tagged",),
    "rstp": ("none",),
    "static-only": ("pool",),
    "syn": ("fin",),
    "!rst": ("rst",),
    "A": ("AAAA",),
    "main": ("other",),
}
_MENUS = {
    "/ip firewall filter": ("/ip firewall mangle", "/ipv6 firewall filter"),
    "/ip firewall nat": ("/ip firewall filter",),
    "/ip firewall mangle": ("/ip firewall filter", "/ipv6 firewall mangle"),
    "/ip firewall address-list": ("/ipv6 firewall address-list",),
    "/ipv6 firewall filter": ("/ip firewall filter", "/ipv6 firewall raw"),
    "/ip address": ("/ipv6 address",),
    "/ip route": ("/ipv6 route",),
    "/interface bridge port": ("/interface list member",),
    "/ip dhcp-server option": ("/ip dhcp-server matcher", "/ip dhcp-client option"),
}


def script_mutants(path: str, text: str, interfaces: list[str]) -> Iterator[Mutant]:
    """Without those of a comment's words, which are for people; that it is there at all is for the next import."""
    names = {
        "interface": interfaces,
        "chain": sorted(set(re.findall(r" chain=(\S+)", text))),
        "list": sorted({one.strip('"') for one in re.findall(r' list=("[^"]*"|\S+) address=', text)}),
        "table": [*re.findall(r"/routing table add name=(\S+)", text), "main"],
        "option": re.findall(r"/ip dhcp-server option add name=(\S+)", text),
        "pool": re.findall(r"/ip pool add name=(\S+)", text),
        "inside": [*re.findall(r"/interface list add name=(\S+)", text), "all"],
    }
    return mutants(path, text, lambda line: _changes(line, names) if line.startswith("/") else ())


def _changes(line: str, names: Mapping[str, Sequence[str]]) -> Iterator[Change]:
    """Class, old, new, and the line changed."""
    yield "line removed", line, "", ""
    head = _VERB.match(line)
    assert head is not None, f"a command has a menu and a verb: {line}"
    rest = line[head.end() :]
    for verb in {"add": ("set", "remove"), "set": ("add",), "remove": ("disable",)}[head["verb"]]:
        yield "verb", head["verb"], verb, f"{head['menu']} {verb}{rest}"
    for menu in _MENUS.get(head["menu"], ()):
        yield "menu", head["menu"], menu, f"{menu} {head['verb']}{rest}"
    if head["verb"] == "remove":
        for old, new in (("^", ""), ("bailiwick:", "other:"), ("comment", "name")):
            yield "target", old, new, line.replace(old, new, 1)
    for pair in _PAIR.finditer(line):
        key, value = pair["key"], pair["value"]
        before, after = line[: pair.start()], line[pair.end() :]
        yield "argument removed", pair[0], "", before.rstrip() + after
        if key == "comment":
            continue
        if key in _OTHER_KEY:
            yield "argument", key, _OTHER_KEY[key], f"{before}{_OTHER_KEY[key]}={value}{after}"
        if key in _NEGATABLE:
            yield "negated", value, _negated(value), f"{before}{key}={_negated(value)}{after}"
        for kind, old, new, changed in _values(key, value, names):
            yield f"{kind}", old, new, f"{before}{key}={changed}{after}"


def _negated(value: str) -> str:
    bare = value.strip('"')
    other = bare[1:] if bare.startswith("!") else f"!{bare}"
    return f'"{other}"' if value.startswith('"') or " " in other or other.startswith("!") else other


def _values(key: str, value: str, names: Mapping[str, Sequence[str]]) -> Iterator[Change]:
    """Class, old and new piece, and the whole value: each piece of a list by itself, changed and left out."""
    quoted = value.startswith('"')
    bare = value.strip('"')
    pieces = bare.split(",")
    for at, piece in enumerate(pieces):
        for kind, new in _piece(key, piece, names):
            whole = ",".join([*pieces[:at], new, *pieces[at + 1 :]])
            yield kind, piece, new, f'"{whole}"' if quoted or not re.fullmatch(r"[\w!./:,+-]+", whole) else whole
        if len(pieces) > 1:
            whole = ",".join([*pieces[:at], *pieces[at + 1 :]])
            yield "entry removed", piece, "", f'"{whole}"' if quoted else whole


def _piece(key: str, piece: str, names: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    sign, bare = ("!", piece[1:]) if piece.startswith("!") else ("", piece)
    if found := _NETWORK.fullmatch(bare):
        made = [*networks(found[1], found[2]), *((k, f"{one}/{found[2]}") for k, one in addresses(found[1]))]
    elif found := _RANGE.fullmatch(bare):
        made = [(kind, f"{one}-{found[2]}") for kind, one in addresses(found[1])]
        made += [(kind, f"{found[1]}-{one}") for kind, one in addresses(found[2])]
    elif re.fullmatch(ADDRESS, bare):
        made = list(addresses(bare))
    elif re.fullmatch(r"\d+", bare):
        made = list(numbers(bare))
    elif found := re.fullmatch(r"(\d+)-(\d+)", bare):
        made = [("range", f"{one}-{found[2]}") for _, one in numbers(found[1])]
        made += [("range", f"{found[1]}-{one}") for _, one in numbers(found[2])]
    elif found := re.fullmatch(r"(\d+):(\d+-\d+)", bare):
        made = [("ICMP type", f"{one}:{found[2]}") for _, one in numbers(found[1])] + [("ICMP code", f"{found[1]}:0")]
    elif found := re.fullmatch(r"(\d+)(s|m|h|KiB)", bare):
        made = [("amount", f"{one}{found[2]}") for _, one in numbers(found[1])]
    elif re.fullmatch(r"0x(?:[0-9a-f]{2})+", bare):
        made = list(_bytes(bare))
    elif re.fullmatch(r"(?:[0-9A-F]{2}:){5}[0-9A-F]{2}", bare):
        made = [("hardware address", bare[:-1] + ("1" if bare[-1] != "1" else "2"))]
    elif key in _NAMED and bare in names[_NAMED[key]]:
        made = list(others(bare, names[_NAMED[key]], _NAMED[key], 3))
    elif key in ("name", "default-name"):
        made = [("name", f"{bare}x")]
    else:
        made = [("word", word) for word in _WORDS.get(piece, ())]
        sign = "" if made else sign
    yield from ((kind, sign + one) for kind, one in made)


def _bytes(text: str) -> Iterator[tuple[str, str]]:
    """Each digit another one, a byte fewer, one more, and half a byte."""
    for at in range(2, len(text)):
        yield "digit", f"{text[:at]}{(int(text[at], 16) + 1) % 16:x}{text[at + 1 :]}"
    yield from (("bytes", one) for one in (text[:-2], f"{text}00", text[:-1], text[2:]))
