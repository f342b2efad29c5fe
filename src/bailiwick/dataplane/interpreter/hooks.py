"""What stands at each hook, in the order in which the kernel asks it.

Of two chains with one priority, the one registered last comes first (``nf_hook_entries_grow``, net/netfilter/core.c).
NAT chains are asked at NAT's own priority, whatever theirs says; theirs orders them among each other
(``nf_nat_register_fn``, net/netfilter/nf_nat_core.c).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from bailiwick.dataplane.interpreter.conditions import named
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.rules import Chain, Table

CONNTRACK = -200
TRACKING = frozenset({"prerouting", "output"})
NAT = {"prerouting": -100, "output": -100, "postrouting": 100, "input": 100}
FAMILIES = {4: frozenset({"ip", "inet"}), 6: frozenset({"ip6", "inet"})}
FIRST = 1 << 30


@dataclass(frozen=True, slots=True)
class Base:
    """A base chain in its table."""

    table: Table
    chain: Chain


@dataclass(frozen=True, slots=True)
class Stations:
    """``stations``: base chains, ``conntrack`` and ``nat``, in order; ``nat``: the NAT chains, in theirs."""

    stations: tuple[Base | str, ...]
    nat: tuple[Base, ...]


def stations(device: Device, family: int, hook: str) -> Stations:
    """For one hook of IPv4 (4) or IPv6 (6)."""
    ordinary: list[tuple[int, int, Base | str]] = []
    nat: list[tuple[int, int, Base]] = []
    for number, base in enumerate(_bases(device)):
        if base.table.family not in FAMILIES[family] or base.chain.hook is None or base.chain.hook.name != hook:
            continue
        key = (base.chain.hook.priority, -number)
        if base.chain.hook.type == "nat":
            nat.append((*key, base))
        else:
            ordinary.append((*key, base))
    if hook in TRACKING:
        ordinary.append((CONNTRACK, -FIRST, "conntrack"))
    if hook in NAT:
        ordinary.append((NAT[hook], -FIRST, "nat"))
    return Stations(tuple(_ordered(ordinary)), tuple(_ordered(nat)))


def at_device(device: Device, hook: str, interface: str, family: int) -> tuple[Base, ...]:
    """The ``ingress`` or ``egress`` chains of an interface, and those of every interface."""
    found = [
        (base.chain.hook.priority, -number, base)
        for number, base in enumerate(_bases(device))
        if base.chain.hook is not None
        and base.chain.hook.name == hook
        and base.table.family in {"netdev"} | FAMILIES[family]
        and (not base.chain.hook.device or named(base.chain.hook.device, interface))
    ]
    return tuple(_ordered(found))


def _bases(device: Device) -> Iterable[Base]:
    return (Base(table, chain) for table in device.tables for chain in table.chains.values() if chain.hook is not None)


T = TypeVar("T")


def _ordered(entries: list[tuple[int, int, T]]) -> list[T]:
    return [one for *_, one in sorted(entries, key=lambda entry: entry[:2])]
