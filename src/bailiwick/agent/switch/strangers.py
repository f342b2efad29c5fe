"""Tables of the packet filter that came while an apply was open, and that nobody is known to make.

One that drops everything would keep the owner out of a device that is back in all that is ours. What programs are known
to make (``look/foreign.py``) is theirs, and so is what iptables-nft keeps its rules in: other programs' are there too.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from bailiwick.agent.commands import run
from bailiwick.agent.look import foreign

SHARED = frozenset(
    f"{family} {name}"
    for family in ("ip", "ip6", "bridge", "arp")
    for name in ("filter", "nat", "mangle", "raw", "security", "broute")
)
"""Of iptables-nft, ebtables-nft and arptables-nft (xtables-nft(8))."""


def tables() -> tuple[str, ...]:
    """Family and name of each. Raises CommandFailed."""
    listed = json.loads(run("nft", "-j", "list", "tables"))["nftables"]
    found = (one["table"] for one in listed if "table" in one)
    return tuple(sorted(f"{one['family']} {one['name']}" for one in found))


def delete(before: Collection[str]) -> tuple[str, ...]:
    """Those that were not there ``before``; in sentences. Raises CommandFailed."""
    came = [one for one in tables() if one not in before and one not in SHARED]
    unknown = [one for one in came if foreign.of_table(*one.split(" ", 1)) == foreign.UNKNOWN]
    if unknown:
        run("nft", "-f", "-", text="".join(f"delete table {one}\n" for one in unknown))
    return tuple(f"the table {one}, which came meanwhile and is nobody's, is deleted" for one in unknown)
