"""Hosts in several zones that may pass packets on: ways between zones on which no rule of the router's stands.

Nothing here is read from such a host, so what is found is what may be: the home file says where it stands, and whether
it is known to pass nothing on (``forwards: no``).
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.intent import Intent
from bailiwick.intent.border import members
from bailiwick.network.model import Host, Network, Zone
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.names import Names
from bailiwick.packets.space import Cube, PacketSet
from bailiwick.proof.difference import Difference, Kind, Meaning
from bailiwick.proof.explanation import usual


def shortcuts(intent: Intent) -> Iterator[Difference]:
    """For each ``deny`` of the tests, and each pair of zones that it is about and hosts join, one packet."""
    network = intent.network
    for source in network.zones.values():
        for target, hosts in _beyond(network, source).items():
            zone = network.zones[target]
            inside = IntervalSet.networks([zone.subnet]) - IntervalSet.addresses([zone.gateway])
            between = PacketSet([Cube(Names.of(source.id), Names.of(zone.id), members(source), inside)])
            for denied, packets in intent.denials:
                if both := packets & between:
                    names = ", then ".join(host.name for host in hosts)
                    sentence = (
                        f"{names} passes on from {source.name} to {target}, past the router, what a test denies "
                        f"(`forwards: no` says that a host does not)"
                    )
                    meant = (Meaning(denied.span, denied.text), *(Meaning(h.span, f"the host {h.name}") for h in hosts))
                    yield Difference(Kind.MORE, sentence, usual(intent, both), meant=meant, certain=False)


def _beyond(network: Network, source: Zone) -> dict[str, tuple[Host, ...]]:
    """The zones that hosts lead to from one, each by the fewest of them in a row."""
    names = {zone.id: zone.name for zone in network.zones.values()}
    found: dict[str, tuple[Host, ...]] = {source.name: ()}
    pending = [source.name]
    while pending:
        at = pending.pop(0)
        for host in network.hosts.values():
            legs = [names[leg.place] for leg in host.legs if leg.place in names]
            for zone in legs if host.forwards and at in legs else ():
                if zone not in found:
                    found[zone] = (*found[at], host)
                    pending.append(zone)
    del found[source.name]
    return found
