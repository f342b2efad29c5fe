"""Who is named beyond an uplink, and its modem, is looked for there: by a route or a rule before any default route.

Two default routes hide one that is missing: the filter lets such a packet on by its own uplink alone, which it takes
once the first one has failed. So routing is asked by itself, with every line up and no mark on the packet.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from bailiwick.dataplane.symbolic.interfaces import NONE
from bailiwick.dataplane.symbolic.routes import View
from bailiwick.intent.border import members
from bailiwick.network.model import Network, Uplink
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region
from bailiwick.proof.difference import Difference, Kind, Meaning
from bailiwick.proof.universe import Universe

THROUGH, OWN = View(marked=False), View(own=True, marked=False)


def named_beyond(network: Network, universe: Universe) -> Iterator[Difference]:
    """One for each uplink and each other way that some packet takes to somebody beyond it."""
    for uplink in network.exits():
        near = _named(network, uplink)
        mine = universe.numbers.get(uplink.id, IntervalSet())
        if not near or not mine:
            continue
        # Where an interface's address is leased, it may be any (header.DYNAMIC): that one is the router's own.
        towards = universe.space.box({header.DESTINATION: near, header.DYNAMIC: IntervalSet.single(0)})
        for who, view, asking in (
            ("looked for", THROUGH, _asking(network, universe, uplink)),
            ("looked for by the router itself", OWN, _itself(universe)),
        ):
            for exit_, region in sorted(universe.pipeline.routes().ways(view).items()):
                if exit_ not in mine and (astray := region & towards & asking):
                    sentence = (
                        f"{_shown(universe, astray)} is beyond {uplink.name}, and is {who} {_by(universe, exit_)}"
                    )
                    yield Difference(Kind.WAY, sentence, meant=(Meaning(uplink.span, f"the uplink {uplink.name}"),))


def _named(network: Network, uplink: Uplink) -> IntervalSet:
    """Hosts and devices there, and the modem."""
    found = [leg.address for host in network.hosts.values() for leg in host.legs if leg.place == uplink.id]
    found += [one.address for one in network.devices.values() if one.place == uplink.id and one.address]
    return IntervalSet.addresses([*found, *([uplink.modem] if uplink.modem else [])])


def _asking(network: Network, universe: Universe, uplink: Uplink) -> Region:
    """What enters by a zone, from sources that no ``route-out`` leads elsewhere."""
    parts = []
    for zone in network.zones.values():
        elsewhere = IntervalSet.union(
            extent.addresses
            for route in network.routes_out
            if route.uplink != uplink.id
            for extent in route.sources
            if extent.place == zone.id
        )
        numbers = universe.numbers.get(zone.id, IntervalSet())
        parts.append(universe.space.box({header.IIF: numbers, header.SOURCE: members(zone) - elsewhere}))
    return universe.space.union(parts)


def _itself(universe: Universe) -> Region:
    """What the router sends, before it has chosen an address for it."""
    return universe.space.box({header.IIF: IntervalSet.single(NONE), header.SOURCE: IntervalSet.single(0)})


def _shown(universe: Universe, region: Region) -> IPv4Address:
    return IPv4Address(universe.example(region)[header.DESTINATION])


def _by(universe: Universe, exit_: int) -> str:
    numbers = universe.pipeline.interfaces.numbers
    return next((f"through {name}" for name, number in numbers.items() if number == exit_), "nowhere")
