"""What is meant, as the matrix that a person reads at a glance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bailiwick.claims.matrix import Cell, Matrix
from bailiwick.intent.border import members
from bailiwick.intent.meant import Kind, Meant
from bailiwick.network.model import Network, Place
from bailiwick.network.special import PUBLIC
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.space import Cube
from bailiwick.packets.wording import networks


@dataclass(frozen=True, slots=True)
class _Population:
    """The addresses that a zone's hosts may have, and the hosts that have a name."""

    members: IntervalSet
    hosts: list[tuple[int, str]]


def table(network: Network, meant: Iterable[Meant]) -> Matrix:
    """Rows: the zones, the outside, the router. Columns: the zones, the router, uplinks with something near, the
    internet."""
    zones = [zone.id for zone in network.zones.values()]
    hosts: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for host in network.hosts.values():
        for leg in host.legs:
            hosts[leg.place].append((int(leg.address), host.name))
    known = {zone.id: _Population(members(zone), hosts[zone.id]) for zone in network.zones.values()}
    uplinks = [uplink.id for uplink in network.uplinks.values() if uplink.modem or uplink.id in hosts]
    inside = network.inside()
    rows = (*zones, Place.OUTSIDE, Place.ROUTER)
    columns = (*zones, Place.ROUTER, *uplinks, Place.INTERNET)

    said: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    opened: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    sentences: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in meant:
        for cell, cubes in _cells(one).items():
            sentences[cell].append(one.id)
            if one.kind in (Kind.DERIVED, Kind.ROUTER):
                opened[cell][one.services] = None
            else:
                said[cell][one.services + _narrowed(known, inside, cell, cubes, one.kind)] = None
    cells = {
        (row, column): Cell(
            services=tuple(said[row, column]),
            sentences=tuple(sentences[row, column]),
            derived=tuple(word for word in opened[row, column] if word not in said[row, column]),
        )
        for row in rows
        for column in columns
        if row != column or (row, column) in sentences
    }
    return Matrix(rows, columns, cells)


def _cells(one: Meant) -> dict[tuple[str, str], list[Cube]]:
    cells: dict[tuple[str, str], list[Cube]] = defaultdict(list)
    for cube in one.packets.cubes():
        rows = {place if place.startswith(("zone:", Place.ROUTER)) else Place.OUTSIDE for place in cube.ingress.members}
        beyond = PUBLIC.covers(cube.destinations)
        columns = {Place.INTERNET if beyond and place.startswith("uplink:") else place for place in cube.egress.members}
        if one.kind is Kind.ROUTER:
            columns.add(Place.INTERNET)
        for row in rows:
            for column in columns:
                cells[row, column].append(cube)
    return cells


def _narrowed(
    known: Mapping[str, _Population], inside: IntervalSet, pair: tuple[str, str], cubes: list[Cube], kind: Kind
) -> str:
    """The part of a place that a sentence is about, where it is not all of it: " from torrent", " to cloud".

    A forward says in its own words who may come in.
    """
    row, column = pair
    sources = IntervalSet.union(cube.sources for cube in cubes)
    if kind is Kind.FORWARD:
        source = ""
    else:
        source = foreign_words(sources, inside) if row == Place.OUTSIDE else _part(known.get(row), sources)
    targets = IntervalSet.union(cube.destinations for cube in cubes)
    target = foreign_words(targets, inside) if column == Place.INTERNET else _part(known.get(column), targets)
    return (f" from {source}" if source else "") + (f" to {target}" if target else "")


def part_words(every: IntervalSet, named: Iterable[tuple[int, str]], addresses: IntervalSet) -> str:
    """Some of ``every`` by the names of hosts: "torrent", "all but camera"; as prefixes where names do not say it."""
    known = dict(named)
    hosts = [name for address, name in known.items() if address in addresses]
    if len(hosts) == addresses.size():
        return ", ".join(hosts)
    missing = every - addresses
    others = [name for address, name in known.items() if address in missing]
    if len(others) == missing.size():
        return f"all but {', '.join(others)}"
    return networks(min(_rounded(every, addresses), key=lambda some: sum(1 for _ in some.cidrs())))


def _rounded(every: IntervalSet, addresses: IntervalSet) -> Iterator[IntervalSet]:
    """The same members, with what is nobody's among them or beside them: 192.168.1.0/28 reads better than its parts."""
    yield addresses
    first, last = addresses.spans[0][0], addresses.spans[-1][1]
    for low, high in ((first, last), (first, last + 1), (max(first - 1, 0), last), (max(first - 1, 0), last + 1)):
        yield addresses | (IntervalSet.span(low, high) - every)


def _part(known: _Population | None, addresses: IntervalSet) -> str:
    if known is None or addresses.covers(known.members):
        return ""
    return part_words(known.members, known.hosts, addresses)


def foreign_words(addresses: IntervalSet, inside: IntervalSet) -> str:
    """Some of the internet, or all but some of it; "" for the whole. ``inside`` are the home's own addresses."""
    public = PUBLIC - inside
    if addresses.covers(public):
        return ""
    missing = public - addresses
    few = missing.size() < addresses.size()
    parts = missing if few else addresses
    count = sum(1 for _ in parts.cidrs())
    return ("all but " if few else "") + (networks(parts) if count == 1 else f"{count} networks")
