"""What address translation is meant to do: doors change where a packet goes, masks whose it seems to be.

``docs/semantics.md``, "Translation". A door is told in the packet's own words, before any translation; a mask in
the filter's, after the doors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from bailiwick.intent.border import Border
from bailiwick.intent.derived import ASKS_A_NAME, exit_server, resolver_addresses
from bailiwick.intent.meant import Kind, Meant
from bailiwick.intent.services import meaning
from bailiwick.language.span import Span
from bailiwick.network.model import Forward, Network, Zone
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.names import Names
from bailiwick.packets.packet import TCP, UDP
from bailiwick.packets.space import Cube, PacketSet

OWN_RESOLVER = "the router's resolver for that uplink"


@dataclass(frozen=True, slots=True)
class Door:
    """``packets`` are taken to ``destination`` (None: to the router itself), their port moved by ``shift``.

    ``outside``: they are sent to an address of the router's on an uplink, which may change, so their destination is
    a symbol and ``packets`` names none; ``uplinks`` are those whose address it is. ``resolver`` says whose resolver of
    the router's answers: an uplink's id, or ``""`` for the home's own; None where it is no question of names.
    """

    id: str
    span: Span
    text: str
    packets: PacketSet
    destination: IPv4Address | None
    shift: int = 0
    outside: bool = False
    uplinks: tuple[str, ...] = ()
    resolver: str | None = None


@dataclass(frozen=True, slots=True)
class Mask:
    """``packets`` leave with an address of the router's own as their source."""

    id: str
    span: Span
    text: str
    packets: PacketSet


def doors(network: Network, border: Border, meant: Iterable[Meant]) -> Iterator[Door]:
    """In the order of precedence: the queries of ``route-out``, forced queries, forwards; a packet takes the first."""
    for route in network.routes_out:
        server = exit_server(network, route.uplink)
        turned = EVERY_ADDRESS - IntervalSet.addresses([server] if server else [])
        sides = [Cube(Names.of(e.place), sources=e.addresses, destinations=turned) for e in route.sources]
        packets = PacketSet(sides) & ASKS_A_NAME
        text = f"the DNS queries of {route.name} go to {server or OWN_RESOLVER}"
        yield Door(f"door:exit-dns:{route.name}", route.span, text, packets, server, resolver=route.uplink)
    for zone in network.zones.values():
        if zone.force_dns:
            yield _forced(network, border, zone)
    hairpins = [one for one in meant if one.kind is Kind.DERIVED and one.id.startswith("derived:hairpin:")]
    for forward in network.forwards:
        through = [one for one in hairpins if one.id.startswith(f"derived:hairpin:{forward.name}:")]
        yield _door(forward, through)


def masks(network: Network) -> Iterator[Mask]:
    """The uplinks', and that of whatever a door turns back into the zone it came from."""
    zones = Names(frozenset(zone.id for zone in network.zones.values()))
    for uplink in network.uplinks.values():
        packets = PacketSet([Cube(zones, Names.of(uplink.id), network.inside())])
        text = f"what leaves by {uplink.name} bears the uplink's address"
        yield Mask(f"mask:{uplink.name}", uplink.span, text, packets)
    for zone in network.zones.values():
        subnet = IntervalSet.networks([zone.subnet])
        packets = PacketSet([Cube(Names.of(zone.id), Names.of(zone.id), subnet, translated=True)])
        text = f"what is turned back into {zone.name} bears the router's address there"
        yield Mask(f"mask:hairpin:{zone.name}", zone.span, text, packets)


def _forced(network: Network, border: Border, zone: Zone) -> Door:
    """All but what is asked of the resolver anyway, and what the resolver itself asks."""
    resolver = resolver_addresses(network)
    own = resolver or IntervalSet.addresses([zone.gateway])
    routed = IntervalSet.union(sources for _, sources in border.routed.get(zone.id, ()))
    host = network.hosts[network.resolver.host] if network.resolver.host else None
    askers = (
        IntervalSet.networks([zone.subnet])
        - routed
        - IntervalSet.addresses(leg.address for leg in (host.legs if host else ()))
    )
    side = Cube(Names.of(zone.id), sources=askers, destinations=EVERY_ADDRESS - own)
    text = f"the DNS queries of {zone.name} go to the home's resolver"
    packets = PacketSet([side]) & ASKS_A_NAME
    return Door(f"door:dns:{zone.name}", zone.span, text, packets, network.resolver.address, resolver="")


def _door(forward: Forward, hairpins: Iterable[Meant]) -> Door:
    first = min((match.ports[0] for match in forward.matches if match.ports), default=0)
    shift = 0 if forward.to_port is None else forward.to_port - first
    arriving = meaning(forward.matches)
    sides = [Cube(Names(frozenset(forward.uplinks)), sources=forward.sources)]
    # A hairpin is told as the filter sees it: its port is moved back to the one that was knocked at.
    inner = [
        Cube(cube.ingress, sources=cube.sources, protocols=cube.protocols, destination_ports=_moved(cube, -shift))
        for one in hairpins
        for cube in one.packets.cubes()
    ]
    text = f"{forward.service or forward.name} at the uplink's address leads to {forward.host}"
    packets = PacketSet([*sides, *inner]) & arriving & _PORTED
    return Door(f"door:{forward.name}", forward.span, text, packets, forward.address, shift, True, forward.uplinks)


def _moved(cube: Cube, by: int) -> IntervalSet:
    return IntervalSet.of((first + by, last + by) for first, last in cube.destination_ports.spans)


_PORTED = PacketSet([Cube(protocols=IntervalSet.of([(TCP, TCP), (UDP, UDP)]))])
