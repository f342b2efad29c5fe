"""What clients are given and told: DHCP's pools, leases and reservations, and the names that the router answers.

Held against the home file zone by zone. Whatever is handed out beyond that is a difference too: a second pool, an
address that is kept for nobody, a name that nobody wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from bailiwick.dataplane.handouts import DhcpNetwork, DhcpServer, Handouts, Reservation
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.tally import Line
from bailiwick.language.span import Span
from bailiwick.network.model import DhcpScope, Network, Zone
from bailiwick.proof.difference import Difference, Kind, Meaning
from bailiwick.proof.places import Places
from bailiwick.proof.told_options import clocks, misheard

ALL = "all"


def handouts(network: Network, device: Device, places: Places) -> Iterator[Difference]:
    """Nothing of a device whose reader does not look at what is handed out."""
    written = device.handouts
    if written is None:
        return
    for line, why in written.doubts:
        yield Difference(Kind.SETTING, f"what clients are told cannot be read: {why}", line=line)
    yield from _servers(network, written, places)
    yield from _told(network, written)
    yield from _names(network, written)


def _servers(network: Network, written: Handouts, places: Places) -> Iterator[Difference]:
    known: list[DhcpServer] = []
    kept: list[Reservation] = []
    for zone in network.zones.values():
        mine = [one for one in written.servers if places.of(one.interface) == zone.id]
        known += mine
        if zone.dhcp is None:
            for one in mine:
                yield _difference(f"{zone.name} is given addresses, which nothing asks for", one.line, zone.span, zone)
            continue
        if len(mine) != 1:
            count = f"{len(mine)} DHCP servers" if mine else "no DHCP server"
            yield _difference(f"{zone.name} has {count}", mine[1].line if mine else None, zone.dhcp.span, zone)
            continue
        yield from _served(zone, zone.dhcp, mine[0])
        here = [one for one in written.reservations if one.server in (mine[0].name, ALL) and one.address in zone.subnet]
        kept += here
        yield from _reserved(network, zone, mine[0], here)
    for stranger in written.servers:
        if stranger not in known:
            sentence = f"DHCP answers on {stranger.interface}, which stands for no zone"
            yield Difference(Kind.SETTING, sentence, line=stranger.line)
    for lost in written.reservations:
        if lost not in kept:
            sentence = f"{lost.address} is kept for {lost.mac} where nothing gives it out"
            yield Difference(Kind.SETTING, sentence, line=lost.line)


def _served(zone: Zone, scope: DhcpScope, server: DhcpServer) -> Iterator[Difference]:
    pools = (scope.pool,) if scope.pool is not None and not scope.static_only else ()
    if server.pools != pools:
        sentence = f"{zone.name} is given {_ranges(server.pools)} rather than {_ranges(pools)}"
        yield _difference(sentence, server.line, scope.span, zone)
    if server.lease != scope.lease:
        sentence = f"{zone.name} is given addresses for {server.lease} seconds rather than {scope.lease}"
        yield _difference(sentence, server.line, scope.span, zone)


def _reserved(network: Network, zone: Zone, server: DhcpServer, here: list[Reservation]) -> Iterator[Difference]:
    wanted = {(mac.lower(), address): span for mac, address, span in _reservations(network, zone)}
    for one in here:
        if (one.mac, one.address) not in wanted:
            sentence = f"{one.address} is kept for {one.mac}, which nothing asks for"
            yield _difference(sentence, one.line, zone.span, zone)
    found = [(one.mac, one.address) for one in here]
    for (mac, address), span in wanted.items():
        if (count := found.count((mac, address))) != 1:
            sentence = f"{address} is kept for {mac} {'twice' if count else 'by nothing'}"
            yield _difference(sentence, server.line, span, zone)


def _reservations(network: Network, zone: Zone) -> Iterator[tuple[str, IPv4Address, Span]]:
    """Hosts whose address DHCP gives them, and devices that say both their card and their address."""
    for host in network.hosts.values():
        for leg in host.legs:
            if leg.place == zone.id and leg.reserved and leg.mac is not None:
                yield leg.mac, leg.address, host.span
    for device in network.devices.values():
        if device.place == zone.id and device.mac is not None and device.address is not None:
            yield device.mac, device.address, device.span


def _told(network: Network, written: Handouts) -> Iterator[Difference]:
    """An entry for each zone that gives addresses, and no other."""
    known: list[DhcpNetwork] = []
    for zone in network.zones.values():
        if zone.dhcp is None:
            continue
        mine = [one for one in written.networks if one.subnet == zone.subnet]
        known += mine
        if len(mine) != 1:
            count = f"{len(mine)} times" if mine else "not"
            sentence = f"clients of {zone.name} are {count} told where they are"
            yield _difference(sentence, mine[1].line if mine else None, zone.dhcp.span, zone)
            continue
        (one,) = mine
        resolvers = (network.resolver.address or zone.gateway,)
        asked = clocks(network, zone)
        served = tuple(sorted(address for _, address in network.ntp))
        for what, told, meant in (
            ("the gateway", one.gateways, (zone.gateway,)),
            ("the resolver", one.resolvers, resolvers),
            ("the time server", one.clocks, asked) if asked else ("the time server", tuple(sorted(one.clocks)), served),
        ):
            if told != meant:
                sentence = f"clients of {zone.name} are told {what} {_words(told)} rather than {_words(meant)}"
                yield _difference(sentence, one.line, zone.dhcp.span, zone)
        if one.domain != zone.domain:
            sentence = f"clients of {zone.name} are told the domain {one.domain or 'none'} rather than {zone.domain}"
            yield _difference(sentence, one.line, zone.dhcp.span, zone)
        for sentence, line in misheard(network, zone, one):
            yield _difference(sentence, line, zone.dhcp.span, zone)
    for one in written.networks:
        if one not in known:
            sentence = f"clients with addresses of {one.subnet} are told what nothing asks for"
            yield Difference(Kind.SETTING, sentence, line=one.line)


def _names(network: Network, written: Handouts) -> Iterator[Difference]:
    resolver = network.resolver
    answers = resolver.address is None
    about = (Meaning(resolver.span, "who answers names"),)
    if written.answers is not answers:
        sentence = "the router answers names for whoever may ask" if written.answers else "the router answers no names"
        yield Difference(Kind.SETTING, sentence, line=written.resolver, meant=about)
    own = (resolver.address,) if resolver.address is not None else ()
    if written.upstreams != resolver.upstreams if answers else written.upstreams not in (own, ()):
        meant = _words(resolver.upstreams if answers else own)
        sentence = f"the router asks {_words(written.upstreams)} for names rather than {meant}"
        yield Difference(Kind.SETTING, sentence, line=written.resolver, meant=about)
    records = dict(resolver.records) if answers else {}
    seen: set[str] = set()
    for one in written.names:
        if records.get(one.name) != one.address or one.name in seen:
            meant = str(records[one.name]) if one.name in records else "nothing"
            sentence = f"{one.name} is answered with {one.address}, and {'once more, ' if one.name in seen else ''}"
            yield Difference(Kind.SETTING, f"{sentence}{meant} is meant", line=one.line, meant=about)
        seen.add(one.name)
    for name in records:
        if name not in seen:
            yield Difference(Kind.SETTING, f"no line answers {name}", line=written.resolver, meant=about)


def _difference(sentence: str, line: Line | None, span: Span, zone: Zone) -> Difference:
    return Difference(Kind.SETTING, sentence, line=line, meant=(Meaning(span, f"the zone {zone.name}"),))


def _ranges(pools: tuple[tuple[IPv4Address, IPv4Address], ...]) -> str:
    return ", ".join(f"{first} to {last}" for first, last in pools) or "no addresses but reserved ones"


def _words(addresses: tuple[IPv4Address, ...]) -> str:
    return ", ".join(map(str, addresses)) or "nobody"
