"""``dnat``, ``snat``, ``masquerade``, ``redirect`` to what they make of an address and a port."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address

from bailiwick.dataplane.nft.alternatives import Outcomes, mapping
from bailiwick.dataplane.nft.context import Context
from bailiwick.dataplane.nft.errors import Unclear
from bailiwick.dataplane.nft.values import Dialect, numbers_of
from bailiwick.dataplane.nft.words import words
from bailiwick.dataplane.rules import Family, Step, Target, Translate

KINDS = frozenset({"dnat", "snat", "masquerade", "redirect"})
_ANYTHING = {
    4: Target(IPv4Address(0), IPv4Address((1 << 32) - 1), (0, 65535)),
    6: Target(IPv6Address(0), IPv6Address((1 << 128) - 1), (0, 65535)),
}


def anywhere(context: Context, kind: str) -> list[tuple[Step, ...]]:
    """A translation of which nobody knows where it leads: the ways through it."""
    versions = (4, 6) if context.version is None else (context.version,)
    tests: dict[int, tuple[Step, ...]] = {one: (Family(one),) if len(versions) > 1 else () for one in versions}
    return [(*tests[one], Translate(kind, _ANYTHING[one])) for one in versions]


def translate(context: Context, kind: str, inner: Mapping[str, object]) -> list[tuple[Step, ...]]:
    """Ways through the statement, one or several of which no packet takes two. Raises Unclear."""
    version = {"ip": 4, "ip6": 6}.get(str(inner.get("family")))
    needs = context.asks_version(version)
    version = version or context.version or 4
    address, port = inner.get("addr"), inner.get("port")
    for value, other in ((address, port), (port, address)):
        if isinstance(value, dict) and "map" in value:
            if isinstance(other, dict) and "map" in other:
                raise Unclear(f"two maps in {kind}")
            return [(*needs, *way) for way in _mapped(context, kind, value["map"], (address, port), version)]
    return [(*needs, Translate(kind, target(address, port, version)))]


def _mapped(
    context: Context, kind: str, map_: object, given: tuple[object, object], version: int
) -> list[tuple[Step, ...]]:
    address, port = given
    if not isinstance(map_, dict):
        raise Unclear(f"{words(map_)} is no map")
    in_address = isinstance(address, dict) and "map" in address

    def read(data: object) -> Target:
        return target(data, port, version) if in_address else target(address, data, version)

    found: Outcomes[Target] = mapping(context, map_.get("key"), map_.get("data"), read)
    ways: list[tuple[Step, ...]] = []
    if found.table is not None:
        table = found.table
        ways.append((*found.needs, Translate(kind, Target(), table.keys, table.entries, table.lines)))
    ways.extend((*found.needs, *tests, Translate(kind, to)) for tests, to in found.others)
    return ways


def target(address: object, port: object, version: int) -> Target:
    """An address (with its port, where it is a concatenation) and a port. Raises Unclear."""
    match address:
        case {"concat": [first, second]} if port is None:
            return target(first, second, version)
    dialect = Dialect.IPV4 if version == 4 else Dialect.IPV6
    ports = None if port is None else numbers_of(port, Dialect.PORT).spans[0]
    if address is None:
        return Target(ports=ports)
    low, high = numbers_of(address, dialect).spans[0]
    make = IPv4Address if version == 4 else IPv6Address
    return Target(make(low), make(high), ports)
