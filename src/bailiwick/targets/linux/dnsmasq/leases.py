"""DHCP: pools, options and reservations, each zone under a tag of its own (dnsmasq(8))."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.model import DhcpServer
from bailiwick.targets.lines import Line, comments
from bailiwick.targets.linux.dnsmasq.options import code, spelling
from bailiwick.targets.linux.dnsmasq.syntax import option

LEASES = "/var/lib/bailiwick/dnsmasq-main/leases"


def leases(servers: tuple[DhcpServer, ...]) -> Iterator[Iterator[Line]]:
    """The DHCP part of the main instance, a paragraph for each zone; nothing where no zone is served."""
    if servers:
        yield _common(servers)
        yield from map(_zone, servers)


def _common(servers: tuple[DhcpServer, ...]) -> Iterator[Line]:
    yield from comments("No other server speaks for these networks: a client's wish for a foreign address is refused.")
    yield option("dhcp-authoritative")
    yield option("dhcp-leasefile", LEASES)
    yield option("dhcp-lease-max", str(sum(_most(server) for server in servers)))
    yield from comments("What a client calls itself becomes no name here: it could be another's, or wpad.")
    yield option("dhcp-ignore-names")


def _most(server: DhcpServer) -> int:
    """How many leases can stand at once."""
    pool = 0 if server.pool is None else int(server.pool[1]) - int(server.pool[0]) + 1
    return pool + len(server.reservations)


def _zone(server: DhcpServer) -> Iterator[Line]:
    ids = (server.id,)
    tag = f"zone-{server.place.split(':', 1)[1]}"
    tail = (str(server.subnet.netmask), str(server.lease))
    if server.pool is None or server.static_only:
        yield option("dhcp-range", f"set:{tag}", str(server.subnet.network_address), "static", *tail, ids=ids)
    else:
        yield option("dhcp-range", f"set:{tag}", *map(str, server.pool), *tail, ids=ids)
    for number, values in _options(server).items():
        yield option("dhcp-option", f"tag:{tag}", number, *values, ids=ids)
    for kept in server.reservations:
        yield option("dhcp-host", kept.mac, str(kept.address), kept.host, ids=(kept.id,))


def _options(server: DhcpServer) -> dict[str, tuple[str, ...]]:
    """By dnsmasq's spelling of the option; what the home file says goes before what follows from the plan."""
    derived: dict[int, tuple[str, ...]] = {3: (str(server.router),), 6: (str(server.resolver),), 15: (server.domain,)}
    if server.ntp:
        derived[42] = tuple(map(str, server.ntp))
    said = {code(name): tuple(part.strip() for part in text.split(",")) for name, text in server.options.items()}
    return {spelling(number): values for number, values in sorted({**derived, **said}.items())}
