"""What a translation makes of a packet: addresses and ports set, and conntrack's note that it changed something.

Kernel sources: net/netfilter/nf_nat_core.c (nf_nat_setup_info notes only what changed; a port that is in the range
already may stay), nf_nat_redirect.c, nf_nat_masquerade.c.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.rules import Target
from bailiwick.dataplane.symbolic.addresses import Addresses
from bailiwick.dataplane.symbolic.effect import NO_EFFECT, Assignment, Effect, Spread, Value, effect
from bailiwick.dataplane.symbolic.interfaces import LOOPBACK, NONE
from bailiwick.packets import header
from bailiwick.packets.header import Status
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region, Space

Result = tuple[Region, Effect | None]
"""Packets, and what becomes of them; None is a drop."""


class Translations:
    """Of one family of a device, every interface up."""

    def __init__(self, space: Space, addresses: Addresses) -> None:
        self.space = space
        self.addresses = addresses
        self.interfaces = addresses.interfaces
        self._every = IntervalSet.span(0, (1 << space.widths[header.SOURCE]) - 1)

    def of(self, kind: str, target: Target, here: Region) -> Iterator[Result]:
        """What becomes of the packets of ``here``. A range may become any of it. Raises ValueError for a kind that
        nobody knows."""
        ports = None if target.ports is None else IntervalSet.span(*target.ports)
        if kind in {"dnat", "snat"}:
            family = self.addresses.family
            if target.first is not None and target.first.version != family:
                return
            its = None
            if target.first is not None:
                its = IntervalSet.span(int(target.first), int(target.last or target.first))
            yield from self._set(kind == "dnat", its, ports, 0, here)
        elif kind == "redirect":
            yield from self._redirected(ports, here)
        elif kind == "masquerade":
            yield from self._masqueraded(ports, here)
        else:
            raise ValueError(f"no such translation: {kind}")

    def _set(
        self, destination: bool, addresses: IntervalSet | None, ports: IntervalSet | None, dynamic: int, here: Region
    ) -> Iterator[Result]:
        address, port = header.SOURCE, header.SOURCE_PORT
        status = Status.SNAT
        if destination:
            address, port, status = header.DESTINATION, header.DESTINATION_PORT, Status.DNAT
        done: dict[str, Assignment] = {header.STATUS: Value(status, status, header.STATUS)}
        same, sure = here, True
        for field, values in ((address, addresses), (port, ports)):
            if values is not None:
                done[field] = self._to(field, values)
                same = same & self.space.among(field, values)
                sure = sure and values.size() == 1
        if destination and addresses is not None:
            done[header.DYNAMIC] = self._to(header.DYNAMIC, IntervalSet.single(dynamic))
            same = same & self.space.among(header.DYNAMIC, IntervalSet.single(dynamic))
        yield same, NO_EFFECT
        yield (here - same if sure else here), effect(done)

    def _to(self, field: str, values: IntervalSet) -> Assignment:
        if values.size() == 1:
            return Value((1 << self.space.widths[field]) - 1, values.first(), field)
        return Spread(values)

    def _redirected(self, ports: IntervalSet | None, here: Region) -> Iterator[Result]:
        known = IntervalSet.of((n, n) for n in (NONE, self.interfaces.number(LOOPBACK)))
        home = self.addresses.primary(LOOPBACK)
        assert home is not None
        yield from self._set(True, IntervalSet.single(home), ports, 0, here & self._on(header.IIF, known))
        for interface in self.addresses.device.interfaces.values():
            number = IntervalSet.single(self.interfaces.number(interface.name))
            if interface.name == LOOPBACK:
                continue
            known |= number
            there = here & self._on(header.IIF, number)
            held = self._held(interface.name)
            if held:
                yield from self._set(True, held, ports, 0, there)
            elif interface.dynamic:
                symbol = self.interfaces.dynamic[interface.name]
                already = there & self.space.among(header.DYNAMIC, IntervalSet.single(symbol))
                yield from self._set(True, None, ports, symbol, already)
                yield from self._set(True, self.addresses.changing, ports, symbol, there - already)
            elif self.addresses.device.routing.known:
                yield there, None
            else:
                known -= number
        strange = here - self._on(header.IIF, known)
        yield strange, None
        if not self.addresses.device.routing.known:
            yield from self._set(True, self._every, ports, 0, strange)

    def _masqueraded(self, ports: IntervalSet | None, here: Region) -> Iterator[Result]:
        nobody = here & self.space.among(header.SOURCE, self.addresses.named("nobody"))
        yield nobody, NO_EFFECT
        here = here - nobody
        known = IntervalSet()
        for interface in self.addresses.device.interfaces.values():
            number = IntervalSet.single(self.interfaces.number(interface.name))
            held = IntervalSet.of((int(a.ip), int(a.ip)) for a in self.addresses.of(interface))
            held = self.addresses.changing if interface.dynamic and not held else held
            if held:
                known |= number
                yield from self._set(False, held, ports, 0, here & self._on(header.OIF, number))
        strange = here - self._on(header.OIF, known)
        yield strange, None
        yield from self._set(False, self._every, ports, 0, strange)

    def _held(self, name: str) -> IntervalSet:
        """IPv4 takes the first address; IPv6 one of the source's scope, so any of them here."""
        if self.addresses.family == 4:
            first = self.addresses.primary(name)
            return IntervalSet() if first is None else IntervalSet.single(first)
        interface = self.addresses.device.interfaces[name]
        return IntervalSet.of((int(a.ip), int(a.ip)) for a in self.addresses.of(interface))

    def _on(self, side: str, numbers: IntervalSet) -> Region:
        return self.space.among(side, numbers)
