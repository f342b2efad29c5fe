"""By which interface a connection's first packet came, which the kernel's table of connections does not tell.

It is where its answers go. That is certain for what comes from a zone, whose sources the rules check against the
routes, and for what was sent to an address of one uplink; and what came in by one of several uplinks bears that
uplink's mark, by which its answers are routed. Where none of this decides, each way that leads there is named.
"""

from __future__ import annotations

from collections import defaultdict

from bailiwick.agent.connections.conntrack import Ends, address
from bailiwick.dataplane.interpreter.fib import LOOPBACK, Fib
from bailiwick.dataplane.interpreter.oracle import Undecided
from bailiwick.dataplane.model import Device, Network

Entrance = str | None
"""An interface; None: the device sent it of its own."""


class Entrances:
    def __init__(self, device: Device) -> None:
        self._fib = Fib(device)
        self._prefixes: dict[tuple[int, int, int], set[str]] = defaultdict(set)
        """Interfaces by version, prefix length and network."""
        self._lengths: dict[int, list[int]] = {4: [], 6: []}
        self._holders: dict[tuple[int, int], str] = {
            (one.version, int(one.ip)): name for name, link in device.interfaces.items() for one in link.addresses
        }
        self._sources: dict[tuple[int, int], tuple[Entrance, ...]] = {}
        self._routes(device)

    def of(self, ends: Ends, mark: int = 0) -> tuple[Entrance, ...]:
        """All that may be it; none: nothing leads there. ``mark`` is the connection's."""
        candidates = self._sources.get((ends.version, ends.source))
        if candidates is None:
            candidates = self._sources[ends.version, ends.source] = self._from(ends.version, ends.source)
        if len(candidates) < 2:
            return candidates
        holder = self.holder(ends.version, ends.destination)
        if holder in candidates:
            return (holder,)
        if mark and (back := self._back(ends, mark)) in candidates:
            return (back,)
        return candidates

    def holder(self, version: int, number: int) -> str | None:
        """The interface that has this address."""
        return self._holders.get((version, number))

    def _from(self, version: int, number: int) -> tuple[Entrance, ...]:
        if number == 0:  # a DHCP client's, who has no address yet
            return ()
        try:
            local = self._fib.kind(address(version, number)) == "local"
        except Undecided:
            local = False
        return (None,) if local else tuple(sorted(self._towards(version, number)))

    def _towards(self, version: int, number: int) -> set[str]:
        """By the longest prefix of whichever table; of one length, all of them."""
        bits = 32 if version == 4 else 128
        for length in self._lengths[version]:
            found = self._prefixes.get((version, length, number >> (bits - length)))
            if found:
                return found
        return set()

    def _back(self, ends: Ends, mark: int) -> str | None:
        source, destination = address(ends.version, ends.source), address(ends.version, ends.destination)
        try:
            found = self._fib.lookup(source, destination, LOOPBACK, mark)
        except Undecided:
            return None
        return found.interface if found is not None and not found.refused else None

    def _routes(self, device: Device) -> None:
        interfaces = device.interfaces
        ways: list[tuple[Network, str]] = [
            (one.network, name)
            for name, link in interfaces.items()
            for one in link.addresses
            if link.up and one.network.prefixlen < one.network.max_prefixlen
        ]
        ways += [
            (route.prefix, route.interface)
            for route in device.routing.routes
            if route.kind == "unicast" and route.prefix is not None and route.interface is not None
        ]
        for network, name in ways:
            if name not in interfaces or not interfaces[name].up:
                continue
            bits, length = network.max_prefixlen, network.prefixlen
            self._prefixes[network.version, length, int(network.network_address) >> (bits - length)].add(name)
            if length not in self._lengths[network.version]:
                self._lengths[network.version].append(length)
        for lengths in self._lengths.values():
            lengths.sort(reverse=True)
