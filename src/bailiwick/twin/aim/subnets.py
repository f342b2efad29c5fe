"""Which addresses of a subnet are some machine's, and which are everybody's."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from bailiwick.network.model import Zone
from bailiwick.packets.interval import IntervalSet


def broadcasts(subnets: Iterable[IPv4Network]) -> frozenset[IPv4Address]:
    """The broadcast address of each; a subnet of two addresses or one has none (RFC 3021)."""
    return frozenset(subnet.broadcast_address for subnet in subnets if subnet.prefixlen < 31)


def machines(subnet: IPv4Network) -> IntervalSet:
    """The addresses that a machine may have: neither the subnet's own nor the broadcast one, where it has those."""
    first, last = int(subnet.network_address), int(subnet.broadcast_address)
    return IntervalSet.span(first, last) if subnet.prefixlen >= 31 else IntervalSet.span(first + 1, last - 1)


def members(zone: Zone) -> IntervalSet:
    """The addresses that a machine in the zone may have; never empty, as a zone has at least four."""
    return machines(zone.subnet) - IntervalSet.single(int(zone.gateway))


def member(zone: Zone, most: int) -> IPv4Address:
    """A machine of the zone: the one that ends in ``most``, or the next below it, or the lowest there is."""
    allowed = members(zone)
    lowest = int(zone.subnet.network_address)
    found = next((lowest + end for end in range(most, 0, -1) if lowest + end in allowed), allowed.first())
    return IPv4Address(found)
