"""Network address translation: decided once per connection, undone for its answers.

From nf_nat_core.c, nf_nat_masquerade.c and nf_nat_redirect.c. Before routing and for the device's own packets the
destination changes; after routing, and on the way in to a service, the source. ``status`` tells of a translation only
where it changed anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, IPv6Network

from bailiwick.dataplane.interpreter.conditions import NoSuchField, settled, stands_in
from bailiwick.dataplane.interpreter.fib import LOOPBACK, Fib
from bailiwick.dataplane.interpreter.oracle import Oracle
from bailiwick.dataplane.interpreter.packet import ICMP, ICMP6, Address
from bailiwick.dataplane.interpreter.passing import Passing
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.rules import Accept, Drop, Target, Translate
from bailiwick.packets import header
from bailiwick.packets.header import Direction, State, Status

NOBODY: Mapping[int, Address] = {4: IPv4Address(0), 6: IPv6Address(0)}
LABELS = tuple(
    (IPv6Network(prefix), label)
    for prefix, label in {
        "::1/128": 0,
        "::ffff:0:0/96": 4,
        "::/96": 3,
        "2001::/32": 6,
        "2001:10::/28": 7,
        "3ffe::/16": 12,
        "2002::/16": 2,
        "fec0::/10": 11,
        "fc00::/7": 5,
    }.items()
)
SIDES = {"prerouting": "destination", "output": "destination", "postrouting": "source", "input": "source"}
"""Which end of the packet a NAT chain may change, by hook."""


def undecided(passing: Passing) -> bool:
    """Whether NAT chains are asked about the packet: tracked, the first of its connection, no ICMP error."""
    return (
        passing.tracked
        and passing.known is None
        and Status.CONFIRMED not in passing.status
        and passing.direction is Direction.ORIGINAL
        and (
            passing.state is State.NEW
            or (passing.state is State.RELATED and passing.header.protocol not in (ICMP, ICMP6))
        )
        and SIDES[passing.hook] not in passing.settled
    )


def repeat(passing: Passing) -> bool:
    """Do to a later packet what was decided for the first; whether its destination changed."""
    known = passing.known
    if known is None or not passing.tracked:
        return False
    original = passing.direction is Direction.ORIGINAL
    if SIDES[passing.hook] == "destination":
        before = passing.destination
        ends = known.left if original else known.first
        if original:
            passing.destination, passing.destination_port, passing.dynamic = (
                ends.destination,
                ends.destination_port,
                ends.dynamic,
            )
        else:
            passing.destination, passing.destination_port, passing.dynamic = (
                ends.source,
                ends.source_port,
                ends.dynamic_source,
            )
        return passing.destination != before
    ends = known.left if original else known.first
    if original:
        passing.source, passing.source_port, passing.dynamic_source = ends.source, ends.source_port, ends.dynamic_source
    else:
        passing.source, passing.source_port, passing.dynamic_source = (
            ends.destination,
            ends.destination_port,
            ends.dynamic,
        )
    return False


class Translator:
    """``leases``: what the interfaces with changing addresses have at the moment, where somebody knows."""

    def __init__(self, device: Device, fib: Fib, oracle: Oracle, leases: Mapping[str, Address]) -> None:
        self._device, self._fib, self._oracle, self._leases = device, fib, oracle, leases
        self.gateway: Address | None = None
        """Of the route that the packet takes: masquerading prefers an address in its subnet."""

    def translate(self, step: Translate, passing: Passing) -> Accept | Drop | None:
        """Carry it out; None: the map has nothing for this packet. Raises ValueError outside NAT hooks."""
        side = SIDES.get(passing.hook)
        if side is None or (step.kind in ("dnat", "redirect")) is not (side == "destination"):
            raise ValueError(f"{step.kind} at {passing.hook}")
        target = step.target
        if step.keys:
            try:
                found = next((one for entry, one in step.entries if stands_in(passing, step.keys, entry)), None)
            except NoSuchField:
                found = None
            if found is None:
                return None
            target = found
        symbol: str | None = None
        if step.kind == "redirect":
            address, symbol = self._redirected(passing)
        elif step.kind == "masquerade":
            settled(passing, header.SOURCE, header.DESTINATION)
            if int(passing.source) == 0 and passing.dynamic_source is None:
                return Accept()
            address, symbol = self._masqueraded(passing)
        else:
            address = None
        if step.kind in ("redirect", "masquerade"):
            if address is None:
                return Drop()
            target = replace(target, first=address, last=None)
        self._set(passing, side, target, symbol)
        return Accept()

    def _set(self, passing: Passing, side: str, target: Target, symbol: str | None) -> None:
        destination = side == "destination"
        self._settle(passing, destination, target)
        now = passing.destination if destination else passing.source
        port = passing.destination_port if destination else passing.source_port
        held = passing.dynamic if destination else passing.dynamic_source
        address, number = self._oracle.target(target, now, port)
        if target.first is None:
            symbol = held
        changed = (address, number, symbol) != (now, port, held)
        passing.settled.add(side)
        if destination:
            passing.destination, passing.destination_port, passing.dynamic = address, number, symbol
            passing.status |= Status.DNAT if changed else Status(0)
        else:
            passing.source, passing.source_port, passing.dynamic_source = address, number, symbol
            passing.status |= Status.SNAT if changed else Status(0)

    def _settle(self, passing: Passing, destination: bool, target: Target) -> None:
        """What was scrambled before is known again where the target is one address, or one port."""
        address, port = header.SOURCE, header.SOURCE_PORT
        if destination:
            address, port = header.DESTINATION, header.DESTINATION_PORT
        if target.first is not None and target.last in (None, target.first):
            passing.scrambled.pop(address, None)
        if target.ports is not None and target.ports[0] == target.ports[1]:
            passing.scrambled.pop(port, None)

    def _redirected(self, passing: Passing) -> tuple[Address | None, str | None]:
        family = passing.family
        if passing.hook == "output":
            return (IPv4Address("127.0.0.1") if family == 4 else IPv6Address("::1")), None
        if passing.iif == LOOPBACK:
            return (IPv4Address("127.0.0.1") if family == 4 else IPv6Address("::1")), None
        local = passing.source.is_link_local
        return self._first(
            passing.iif,
            [one for one in self._held(passing.iif, family) if family == 4 or one.is_link_local is local],
            family,
        )

    def _masqueraded(self, passing: Passing) -> tuple[Address | None, str | None]:
        """``inet_select_addr``: in the subnet of the next hop, else the first, else another interface's."""
        family, name = passing.family, passing.oif
        toward = self.gateway or passing.destination
        interface = self._device.interfaces.get(name or "")
        if family == 6 and not (interface is not None and interface.dynamic):
            return self._chosen(passing), None
        if interface is not None:
            near = [one.ip for one in interface.addresses if one.version == family and toward in one.network]
            if near:
                return near[0], None
        address, symbol = self._first(name, self._held(name, family), family)
        if address is None and family == 4:
            for other in self._device.interfaces:
                if other != LOOPBACK and self._held(other, family):
                    return self._held(other, family)[0], None
        return address, symbol

    def _chosen(self, passing: Passing) -> Address | None:
        """``ipv6_dev_get_saddr`` (RFC 6724 §5) as far as static addresses go: the same address, the scope, the
        interface it leaves by, the label, the longest common prefix."""
        toward = passing.destination
        held = [
            (one.ip, name)
            for name, interface in self._device.interfaces.items()
            for one in interface.addresses
            if one.version == 6 and not one.ip.is_loopback and one.ip.is_link_local is toward.is_link_local
        ]
        if toward.is_link_local:
            held = [(address, name) for address, name in held if name == passing.oif]

        def rank(candidate: tuple[Address, str]) -> tuple[bool, bool, bool, int]:
            address, name = candidate
            common = 128 - (int(address) ^ int(toward)).bit_length()
            return address == toward, name == passing.oif, _label(address) == _label(toward), common

        return max(held, key=rank)[0] if held else None

    def _held(self, name: str | None, family: int) -> list[Address]:
        interface = self._device.interfaces.get(name or "")
        return [] if interface is None else [one.ip for one in interface.addresses if one.version == family]

    def _first(self, name: str | None, held: list[Address], family: int) -> tuple[Address | None, str | None]:
        interface = self._device.interfaces.get(name or "")
        if held:
            return held[0], None
        if interface is not None and interface.dynamic and name is not None and self._fib.up(name):
            lease = self._leases.get(name)
            return (lease if lease is not None and lease.version == family else NOBODY[family]), name
        return None, None


def _label(address: Address) -> int:
    """RFC 6724 §2.1, and the kernel's table in net/ipv6/addrlabel.c."""
    return next((label for prefix, label in LABELS if address in prefix), 1)
