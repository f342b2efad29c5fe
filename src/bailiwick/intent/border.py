"""Where the home ends: its uplinks, what lies beyond them, and who leaves by which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bailiwick.network.model import Network, Place, Uplink, Zone
from bailiwick.network.special import PUBLIC, SPECIAL
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.names import Names


@dataclass(frozen=True, slots=True)
class Border:
    """``exits`` are the uplinks that are no tunnel; ``strange`` is whatever is no zone and not the router.

    ``internet`` are the addresses of the public internet; ``foreign`` those that nothing beyond an uplink has.
    ``routed`` says for each place which sources ``route-out`` sends by which uplink;
    ``zones`` which addresses the hosts of each zone may have.
    """

    exits: Names
    uplinks: Names
    strange: Names
    internet: IntervalSet
    foreign: IntervalSet
    routed: Mapping[str, tuple[tuple[str, IntervalSet], ...]]
    zones: Mapping[str, IntervalSet]

    def ways_out(self, place: str, sources: IntervalSet) -> Iterator[tuple[IntervalSet, Names]]:
        """The sources in parts, each with the uplinks by which it reaches the internet."""
        for uplink, routed in self.routed.get(place, ()):
            if sources & routed:
                yield sources & routed, Names.of(uplink)
            sources -= routed
        if sources:
            yield sources, self.exits


def border(network: Network) -> Border:
    """The border of a home, from its uplinks, its zones and what ``route-out`` says."""
    routed = defaultdict(list)
    for route in network.routes_out:
        for extent in route.sources:
            routed[extent.place].append((route.uplink, extent.addresses))
    uplinks = Names(frozenset(uplink.id for uplink in network.uplinks.values()))
    inside = network.inside()
    return Border(
        exits=Names(frozenset(uplink.id for uplink in network.exits())),
        uplinks=uplinks,
        strange=uplinks | Names.of(Place.UNKNOWN),
        internet=PUBLIC - inside,
        foreign=SPECIAL | inside,
        routed={place: tuple(parts) for place, parts in routed.items()},
        zones={zone.id: members(zone) for zone in network.zones.values()},
    )


def members(zone: Zone) -> IntervalSet:
    """The addresses a host of the zone may have: all but the router's own and the broadcast one.

    What is sent to those two from elsewhere ends at the router (net/ipv4/route.c: RTN_LOCAL, RTN_BROADCAST).
    """
    taken = [zone.gateway] if zone.subnet.prefixlen >= 31 else [zone.gateway, zone.subnet.broadcast_address]
    return IntervalSet.networks([zone.subnet]) - IntervalSet.addresses(taken)


def neighbours(network: Network, uplink: Uplink) -> IntervalSet:
    """The addresses beyond an uplink that are known to be there: its own subnet, its modem, what was named there."""
    addresses = [leg.address for host in network.hosts.values() for leg in host.legs if leg.place == uplink.id]
    addresses += [d.address for d in network.devices.values() if d.place == uplink.id and d.address]
    if uplink.modem:
        addresses.append(uplink.modem)
    own = [uplink.address.network] if uplink.address else []
    return IntervalSet.networks(own) | IntervalSet.addresses(addresses)
