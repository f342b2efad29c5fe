"""Conversations that were ended and must not come back from their other end.

The kernel takes a packet from the middle of a conversation that it does not know for the first one of a new
connection (nf_conntrack_tcp_loose; UDP has no beginning at all). Where the rules let the far end open connections of
its own, its next packet would bring back what has just ended, both directions of it. So these packets are
stopped in a table of their own until the kernel would have forgotten the conversation by itself; a TCP sender is told
by a reset. The table only ever forbids, looks at no packet of a known connection, and lets a real beginning (SYN) by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from bailiwick.agent.connections.conntrack import Connection, address
from bailiwick.agent.look import listing

TABLE = "bailiwick_ended"
HELD = {6: "tcp", 17: "udp"}
"""Protocols whose ports make a conversation known; of the others a new one looks like the old."""
SHORTEST, LONGEST = 300, 432_000
"""Seconds. Whoever still speaks after so long without an answer means it (RFC 4787 REQ-5 has mappings of UDP live so
long); and that the kernel remembers an idle TCP connection, unless told otherwise (nf_conntrack_tcp_timeout_established
of its documentation)."""


class Silenced(NamedTuple):
    """``element`` as nft writes it: protocol, source, port, destination, port. ``seconds`` that it still stands."""

    version: int
    element: str
    seconds: int


def silenced(ended: Iterable[Connection]) -> Iterator[Silenced]:
    """What the far ends of these connections may say no more."""
    for one in ended:
        back = one.reply
        if back.ports and back.protocol in HELD:
            here, there = address(back.version, back.source), address(back.version, back.destination)
            words = (HELD[back.protocol], here, back.source_port, there, back.destination_port)
            seconds = min(max(one.timeout, SHORTEST), LONGEST)
            yield Silenced(back.version, " . ".join(str(word) for word in words), seconds)


def standing(ruleset: Any) -> tuple[Silenced, ...]:
    """What the table holds by now; ``ruleset`` is nft's listing. Raises ValueError for a table that is not ours."""
    found: list[Silenced] = []
    for one in ruleset["nftables"]:
        made = one.get("set")
        if made is None or (made["family"], made["table"]) != ("inet", TABLE):
            continue
        try:
            version = {"ipv4": 4, "ipv6": 6}[made["name"]]
            for element in made.get("elem", ()):
                inner = element["elem"]
                words = " . ".join(str(word) for word in inner["val"]["concat"])
                found.append(Silenced(version, words, int(inner["expires"])))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"the table inet {TABLE} holds what nobody here put there: {error!r}") from None
    return tuple(one for one in found if one.seconds > 0)


def there(ruleset: Any) -> bool:
    """Whether the table stands."""
    tables = (one["table"] for one in ruleset["nftables"] if "table" in one)
    return any((table["family"], table["name"]) == ("inet", TABLE) for table in tables)


def hold(held: Iterable[Silenced]) -> None:
    """Let the table hold these and no others; without any, it goes. Raises Unseen with nft's own words."""
    text = f"table inet {TABLE}\ndelete table inet {TABLE}\n"
    sets = "".join(_set(version, held) for held in [list(held)] for version in (4, 6))
    listing.run("nft", "-f", "-", text=text + (_TABLE % (TABLE, sets) if "elements" in sets else ""))


def _set(version: int, held: list[Silenced]) -> str:
    seconds: dict[str, int] = {}
    for one in held:
        if one.version == version:
            seconds[one.element] = max(one.seconds, seconds.get(one.element, 0))
    elements = ",\n".join(f"\t\t\t{element} timeout {left}s" for element, left in seconds.items())
    inside = f"\t\telements = {{\n{elements}\n\t\t}}\n" if elements else ""
    kind = f"type inet_proto . ipv{version}_addr . inet_service . ipv{version}_addr . inet_service"
    return f"\tset ipv{version} {{\n\t\t{kind}\n\t\tflags timeout\n{inside}\t}}\n"


_TABLE = """
table inet %s {
%s
	chain over {
		meta l4proto tcp reject with tcp reset
		drop
	}

	chain beginning {
		ct state established,related return
		tcp flags & (fin | syn | rst | ack) == syn return
		meta l4proto . ip saddr . th sport . ip daddr . th dport @ipv4 goto over
		meta l4proto . ip6 saddr . th sport . ip6 daddr . th dport @ipv6 goto over
	}

	chain prerouting {
		type filter hook prerouting priority mangle; policy accept;
		jump beginning
	}

	chain output {
		type filter hook output priority mangle; policy accept;
		jump beginning
	}
}
"""
