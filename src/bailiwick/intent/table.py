"""What is meant, as the matrix that a person reads at a glance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bailiwick.claims.matrix import Cell, Matrix
from bailiwick.intent.meant import Kind, Meant
from bailiwick.network.model import Network, Place
from bailiwick.network.special import PUBLIC
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.names import Names
from bailiwick.packets.space import Cube
from bailiwick.packets.wording import networks


def table(network: Network, meant: Iterable[Meant]) -> Matrix:
    """Rows: the zones and the outside. Columns: the zones, the router, uplinks with something near, the internet.

    What the router opens of its own is no row: it may open everything.
    """
    zones = [zone.id for zone in network.zones.values()]
    near = {leg.place for host in network.hosts.values() for leg in host.legs}
    uplinks = [uplink.id for uplink in network.uplinks.values() if uplink.modem or uplink.id in near]
    rows = (*zones, Place.OUTSIDE)
    columns = (*zones, Place.ROUTER, *uplinks, Place.INTERNET)

    said: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    opened: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    sentences: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for one in meant:
        if one.kind is Kind.ROUTER:
            continue
        words = opened if one.kind is Kind.DERIVED else said
        for cube in one.packets.cubes():
            for row in _rows(cube.ingress):
                for column in _columns(cube):
                    words[row, column][one.services + _narrowed(network, row, column, cube)] = None
                    sentences[row, column][one.id] = None
    cells = {
        (row, column): Cell(
            services=tuple(said[row, column]),
            sentences=tuple(sentences[row, column]),
            derived=tuple(word for word in opened[row, column] if word not in said[row, column]),
        )
        for row in rows
        for column in columns
        if row != column or sentences[row, column]
    }
    return Matrix(rows, columns, cells)


def _rows(ingress: Names) -> dict[str, None]:
    return dict.fromkeys(place if place.startswith("zone:") else Place.OUTSIDE for place in sorted(ingress.members))


def _columns(cube: Cube) -> dict[str, None]:
    beyond = Place.INTERNET if PUBLIC.covers(cube.destinations) else None
    return dict.fromkeys(
        beyond if beyond and place.startswith("uplink:") else place for place in sorted(cube.egress.members)
    )


def _narrowed(network: Network, row: str, column: str, cube: Cube) -> str:
    """The part of a place that a cube is about, where it is not all of it: " from torrent", " to cloud"."""
    source = _part(network, row, cube.sources)
    target = _part(network, column, cube.destinations)
    return (f" from {source}" if source else "") + (f" to {target}" if target else "")


def _part(network: Network, place: str, addresses: IntervalSet) -> str:
    zone = next((zone for zone in network.zones.values() if zone.id == place), None)
    if zone is None:
        return ""
    if addresses.covers(IntervalSet.networks([zone.subnet])):
        return ""
    hosts = [
        host.name
        for host in network.hosts.values()
        if any(leg.place == place and int(leg.address) in addresses for leg in host.legs)
    ]
    return ", ".join(hosts) if len(hosts) == addresses.size() else networks(addresses)
