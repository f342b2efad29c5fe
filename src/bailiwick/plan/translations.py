"""Destination NAT in its order, and the source NAT that goes with it."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.language.span import Span
from bailiwick.network.model import Match, Network, Zone
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.plan.doors import Hairpins, door_translations
from bailiwick.plan.ids import match_words, short
from bailiwick.plan.model import Exit, SourceTranslation, Translation
from bailiwick.plan.openings import dns_matches, exit_servers, subnet
from bailiwick.plan.ways import Ways


def translations(network: Network, ways: Ways, exits: tuple[Exit, ...], hairpins: Hairpins) -> tuple[Translation, ...]:
    """In the order that decides: the exits' DNS, forced DNS, then forwards with their hairpins; each by id."""
    return (
        *sorted(_exit_dns(network, exits), key=lambda t: t.id),
        *sorted(_forced_dns(network, ways), key=lambda t: t.id),
        *door_translations(network, hairpins),
    )


def masquerades(network: Network, hairpins: Hairpins) -> tuple[SourceTranslation, ...]:
    """What hides behind the router's address: the inside at each uplink, and hairpins within a zone.

    Without the latter the host would answer its neighbour directly, from an address the neighbour never asked.
    """
    inside = network.inside()
    found = [
        SourceTranslation(f"masquerade:{uplink.name}", (uplink.span,), uplink.id, inside)
        for uplink in network.uplinks.values()
    ]
    zones = {zone.id: zone for zone in network.zones.values()}
    asked: dict[str, set[Span]] = {}
    for forward in network.forwards:
        if any(h.within for h in hairpins[forward.id]):
            asked.setdefault(forward.place, set()).add(forward.span)
    resolver = network.resolver
    if resolver.address is not None and zones[resolver.place].force_dns:
        asked.setdefault(resolver.place, set()).add(zones[resolver.place].span)
    found += [
        SourceTranslation(
            f"masquerade:hairpin:{short(place)}", tuple(sorted(spans)), place, subnet(zones[place]), hairpin=True
        )
        for place, spans in asked.items()
    ]
    return tuple(sorted(found, key=lambda m: m.id))


def _exit_dns(network: Network, exits: tuple[Exit, ...]) -> Iterator[Translation]:
    """Whatever server they ask: an answer from elsewhere would tell who they are beyond their own uplink."""
    for exit_ in exits:
        servers = exit_servers(network, exit_)[:1] if network.router.routeros else ()
        places = tuple(sorted(z.id for z in network.zones.values() if exit_.sources.overlaps(subnet(z))))
        for match in dns_matches():
            yield Translation(
                id=f"dns:{short(exit_.uplink)}:{match_words(match)}",
                spans=exit_.spans,
                ingresses=places,
                sources=exit_.sources,
                destinations=EVERY_ADDRESS,
                match=match,
                to_address=next(iter(servers), None),
                to_port=None if servers else exit_.resolver_port,
                except_destinations=IntervalSet.addresses(servers),
                reason=f"DNS of those who leave by {short(exit_.uplink)} alone",
            )


def _forced_dns(network: Network, ways: Ways) -> Iterator[Translation]:
    for zone in network.zones.values():
        if not zone.force_dns:
            continue
        sources = subnet(zone) - ways.routed_in(zone.id) - _resolver_addresses(network)
        if not sources:
            continue
        for match in dns_matches():
            yield _forced(network, zone, sources, match_words(match), match)


def _forced(network: Network, zone: Zone, sources: IntervalSet, words: str, match: Match) -> Translation:
    address = network.resolver.address
    return Translation(
        id=f"dns:forced:{zone.name}:{words}",
        spans=(zone.span,),
        ingresses=(zone.id,),
        sources=sources,
        destinations=EVERY_ADDRESS,
        match=match,
        to_address=address,
        to_port=None,
        except_destinations=IntervalSet.addresses((zone.gateway if address is None else address,)),
        reason=f"every DNS query of zone {zone.name} goes to the home's resolver",
    )


def _resolver_addresses(network: Network) -> IntervalSet:
    """The resolver's own queries must reach its upstreams, or they would come back to it forever."""
    host = network.resolver.host
    if host is None:
        return IntervalSet()
    return IntervalSet.addresses(leg.address for leg in network.hosts[host].legs)
