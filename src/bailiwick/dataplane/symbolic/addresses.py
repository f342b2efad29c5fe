"""The device's own addresses, as its kernel files them in the table ``local``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Interface, IPv6Interface, ip_address, ip_network

from bailiwick.dataplane.model import Device, Interface, Network, Route
from bailiwick.dataplane.symbolic.interfaces import LOOPBACK, Interfaces
from bailiwick.packets.interval import IntervalSet


@dataclass(frozen=True)
class Scenario:
    """Which interfaces are down: with them go their addresses and every route over them.

    ``uncertain``: nobody knows what is up. Then a route that does not last may be there or not, and an interface with
    a changing address may have any subnet that is not the home's own as its neighbourhood.
    """

    down: frozenset[str] = frozenset()
    uncertain: bool = False


ALL_UP = Scenario()


FILED = frozenset({"local", "broadcast", "anycast", "multicast"})
"""Kinds of routes that say in the table ``local`` what an address is."""


def span(network: Network) -> IntervalSet:
    """All addresses of a network."""
    return IntervalSet.span(int(network[0]), int(network[-1]))


_NAMED = {
    4: {
        "loopback": "127.0.0.0/8",
        "multicast": "224.0.0.0/4",
        "everybody": "255.255.255.255/32",
        "nobody": "0.0.0.0/32",
    },
    6: {"loopback": "::1/128", "multicast": "ff00::/8", "link": "fe80::/10", "nobody": "::/128"},
}


class Addresses:
    """Of one family, in one scenario. Every answer is a set of numbers."""

    def __init__(self, device: Device, family: int, interfaces: Interfaces, scenario: Scenario = ALL_UP) -> None:
        self.device = device
        self.family = family
        self.interfaces = interfaces
        self.scenario = scenario

    def named(self, name: str) -> IntervalSet:
        """``loopback``, ``multicast``, ``everybody`` (IPv4), ``link`` (IPv6), ``nobody``; empty in the other family."""
        text = _NAMED[self.family].get(name)
        return IntervalSet() if text is None else span(ip_network(text))

    def up(self) -> Iterator[Interface]:
        for interface in self.device.interfaces.values():
            if interface.up and interface.name not in self.scenario.down:
                yield interface

    def of(self, interface: Interface) -> Iterator[IPv4Interface | IPv6Interface]:
        return (address for address in interface.addresses if address.version == self.family)

    @cached_property
    def local_by_interface(self) -> dict[str, IntervalSet]:
        """The static addresses of each interface that has any."""
        every = self.device.interfaces.values()  # a static address stays local while its interface is down
        found = {one.name: IntervalSet.of((int(a.ip), int(a.ip)) for a in self.of(one)) for one in every}
        inner = self.named("loopback") - self.shared_by_interface.get(LOOPBACK, IntervalSet())
        found[LOOPBACK] = found.get(LOOPBACK, IntervalSet()) | inner
        for route, prefix in self._filed("local"):
            if not route.unsure:
                name = route.interface or LOOPBACK
                found[name] = found.get(name, IntervalSet()) | span(prefix)
        return {name: addresses for name, addresses in found.items() if addresses}

    def _filed(self, *kinds: str) -> Iterator[tuple[Route, Network]]:
        """Routes of these kinds that are written in the table ``local``; those of other tables are theirs."""
        for route in self.device.routing.routes:
            its = route.prefix
            here = route.kind in kinds and route.table in {"local", "255"}
            if here and its is not None and its.version == self.family:
                yield route, its

    @cached_property
    def doubtful(self) -> IntervalSet:
        """What is local, or shared, for some packets and not for others."""
        return IntervalSet.union(span(prefix) for route, prefix in self._filed(*FILED) if route.unsure)

    @cached_property
    def shared_by_interface(self) -> dict[str, IntervalSet]:
        """IPv4: the broadcast address of each subnet that has room for one (its first address is none since Linux
        5.14). IPv6: the routers' anycast address of each (its first one)."""
        found: dict[str, IntervalSet] = {}
        room, which = (31, -1) if self.family == 4 else (127, 0)
        for one in self.up():
            if self.family == 6 and not self.device.routing.forwarding:
                continue
            subnets = [a.network for a in self.of(one) if a.network.prefixlen < room]
            found[one.name] = IntervalSet.of((int(n[which]), int(n[which])) for n in subnets)
        for route, prefix in self._filed("broadcast" if self.family == 4 else "anycast"):
            if route.interface and not route.unsure:
                found[route.interface] = found.get(route.interface, IntervalSet()) | span(prefix)
        return {name: addresses for name, addresses in found.items() if addresses}

    @cached_property
    def local(self) -> IntervalSet:
        return IntervalSet.union(self.local_by_interface.values())

    @cached_property
    def shared(self) -> IntervalSet:
        return IntervalSet.union(self.shared_by_interface.values())

    @cached_property
    def subnets(self) -> IntervalSet:
        """Every subnet that an interface is known to stand in, up or not: no changing address lies in one."""
        all_ = self.device.interfaces.values()
        return IntervalSet.union([*(span(a.network) for one in all_ for a in self.of(one)), self.named("loopback")])

    @cached_property
    def changing(self) -> IntervalSet:
        """What a changing address may be: any that is one machine's, and in none of the known subnets."""
        bits = 32 if self.family == 4 else 128
        taken = [self.named(name) for name in ("multicast", "everybody", "nobody", "link")]
        return IntervalSet.span(0, (1 << bits) - 1) - IntervalSet.union([self.subnets, *taken])

    @cached_property
    def dynamic(self) -> tuple[str, ...]:
        """Interfaces that are up and have a changing address."""
        return tuple(one.name for one in self.up() if one.dynamic)

    def primary(self, name: str) -> int | None:
        """The first address of an interface, which ``redirect`` and ``masquerade`` take; None where none is known."""
        if name == LOOPBACK:
            return int(ip_address("127.0.0.1" if self.family == 4 else "::1"))
        interface = self.device.interfaces.get(name)
        if interface is None or name in self.scenario.down:
            return None
        return next((int(a.ip) for a in self.of(interface)), None)
