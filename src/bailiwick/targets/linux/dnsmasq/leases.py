"""DHCP: pools, options and reservations, each zone under a tag of its own (dnsmasq(8))."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from bailiwick.packets.interval import IntervalSet
from bailiwick.plan.model import DhcpServer, Record
from bailiwick.targets.lines import Line, comments
from bailiwick.targets.linux.dnsmasq.options import spelling
from bailiwick.targets.linux.dnsmasq.syntax import option

LEASES = "/var/lib/bailiwick/dnsmasq-main/leases"


def leases(servers: tuple[DhcpServer, ...], records: tuple[Record, ...]) -> Iterator[Iterator[Line]]:
    """The DHCP part of the main instance, a paragraph for each zone; nothing where no zone is served.

    An address that has a name in ``records`` is somebody's: it is handed to nobody but by a reservation, as the
    policy may speak of it.
    """
    named = IntervalSet.addresses(record.address for record in records)
    if servers:
        yield _common(servers)
        for server in servers:
            yield _zone(server, named)


def _common(servers: tuple[DhcpServer, ...]) -> Iterator[Line]:
    yield from comments("No other server speaks for these networks: a client's wish for a foreign address is refused.")
    yield option("dhcp-authoritative")
    yield option("dhcp-leasefile", LEASES)
    yield option("dhcp-lease-max", str(sum(_most(server) for server in servers)))
    yield from comments("Offered at once: to ping a free address first takes 3 s for each client, one after the other.")
    yield option("no-ping")
    yield from comments("What a client calls itself becomes no name here: it could be another's, or wpad.")
    yield option("dhcp-ignore-names")


def _free(server: DhcpServer, named: IntervalSet) -> IntervalSet:
    """What a client without a reservation may be given."""
    if server.pool is None or server.static_only:
        return IntervalSet()
    first, last = map(int, server.pool)
    return IntervalSet.span(first, last) - named


def _most(server: DhcpServer) -> int:
    """How many leases can stand at once."""
    pool = 0 if server.pool is None else int(server.pool[1]) - int(server.pool[0]) + 1
    return pool + len(server.reservations)


def _zone(server: DhcpServer, named: IntervalSet) -> Iterator[Line]:
    ids = (server.id,)
    tag = f"zone-{server.place.split(':', 1)[1]}"
    tail = (str(server.subnet.netmask), str(server.lease))
    free = _free(server, named)
    if not free:
        yield option("dhcp-range", f"set:{tag}", str(server.subnet.network_address), "static", *tail, ids=ids)
    for first, last in free.spans:
        ends = (str(IPv4Address(first)), str(IPv4Address(last)))
        yield option("dhcp-range", f"set:{tag}", *ends, *tail, ids=ids)
    for number, values in _options(server).items():
        yield option("dhcp-option", f"tag:{tag}", number, *values, ids=ids)
    for kept in server.reservations:
        yield option("dhcp-host", kept.mac, str(kept.address), kept.host, ids=(kept.id,))


def _options(server: DhcpServer) -> dict[str, tuple[str, ...]]:
    """By dnsmasq's spelling of the option; what the home file says goes before what follows from the plan."""
    derived: dict[int, tuple[str, ...]] = {3: (str(server.router),), 6: (str(server.resolver),), 15: (server.domain,)}
    if server.ntp:
        derived[42] = tuple(map(str, server.ntp))
    return {spelling(number): values for number, values in sorted({**derived, **server.options}.items())}
