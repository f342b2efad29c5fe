"""The built-in chains: at which hook and priority each table's stand (``NF_IP_PRI_*``, netfilter_ipv4.h)."""

from __future__ import annotations

from bailiwick.dataplane.rules import Accept, Drop, Hook

_CHAINS = ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING")
_TABLES: dict[str, dict[str, int]] = {
    "raw": {"PREROUTING": -300, "OUTPUT": -300},
    "mangle": dict.fromkeys(_CHAINS, -150),
    "nat": {"PREROUTING": -100, "INPUT": 100, "OUTPUT": -100, "POSTROUTING": 100},
    "filter": {"INPUT": 0, "FORWARD": 0, "OUTPUT": 0},
    "security": {"INPUT": 50, "FORWARD": 50, "OUTPUT": 50},
}


def built_in(table: str) -> tuple[str, ...]:
    """The base chains of a table; none for a table that iptables does not have."""
    return tuple(_TABLES.get(table, ()))


def hook(table: str, chain: str, policy: Accept | Drop) -> Hook | None:
    """Where a base chain stands; None for a chain of the user's own. mangle OUTPUT routes anew (iptable_mangle.c)."""
    priority = _TABLES.get(table, {}).get(chain)
    if priority is None:
        return None
    kind = "nat" if table == "nat" else "route" if (table, chain) == ("mangle", "OUTPUT") else "filter"
    return Hook(kind, chain.lower(), priority, policy)
