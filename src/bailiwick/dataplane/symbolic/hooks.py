"""What stands at a hook, in the order in which a packet meets it.

Chains go by priority; of two with one priority the later one comes first (nf_hook_entries_grow, net/netfilter/core.c).
Conntrack stands at -200, NAT at places of its own (nf_nat_register_fn, net/netfilter/nf_nat_core.c); the priorities of
NAT chains order them among each other alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from bailiwick.dataplane.rules import Chain
from bailiwick.dataplane.symbolic.chains import Chains

CONNTRACK_AT = -200
NAT_AT = {"prerouting": -100, "input": 100, "output": -100, "postrouting": 100}
TRACKED = frozenset({"prerouting", "output"})
FAMILIES = {4: frozenset({"ip", "inet", "netdev"}), 6: frozenset({"ip6", "inet", "netdev"})}


class Station(Enum):
    CONNTRACK = "conntrack"
    NAT = "nat"


@dataclass(frozen=True, slots=True)
class Base:
    """A base chain in its table."""

    chains: Chains
    chain: Chain

    @property
    def type(self) -> str:
        assert self.chain.hook is not None
        return self.chain.hook.type


Stop = Base | Station


@dataclass(frozen=True, slots=True)
class AtHook:
    """``stops`` in order; where NAT stands among them, its chains are ``nat``."""

    stops: tuple[Stop, ...]
    nat: tuple[Base, ...]


def at_hook(tables: Iterable[Chains], hook: str) -> AtHook:
    """Of the tables of one family."""
    stops: list[tuple[int, int, Stop]] = []
    nat: list[tuple[int, int, Base]] = []
    number = 0
    for chains in tables:
        for chain in chains.table.chains.values():
            if chain.hook is None or chain.hook.name != hook:
                continue
            number += 1
            base = Base(chains, chain)
            if chain.hook.type == "nat":
                nat.append((chain.hook.priority, -number, base))
            else:
                stops.append((chain.hook.priority, -number, base))
    before = -number - 1
    if hook in TRACKED:
        stops.append((CONNTRACK_AT, before, Station.CONNTRACK))
    if nat:
        stops.append((NAT_AT.get(hook, 0), before, Station.NAT))
    ordered = sorted(stops, key=lambda stop: stop[:2])
    chains_of_nat = sorted(nat, key=lambda stop: stop[:2])
    return AtHook(tuple(stop for *_, stop in ordered), tuple(base for *_, base in chains_of_nat))
