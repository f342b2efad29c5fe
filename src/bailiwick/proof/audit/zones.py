"""Zones of a device that nobody drew: from its interfaces, their addresses, and what the command line names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_network

from bailiwick.dataplane.model import Device, Interface, Network
from bailiwick.dataplane.symbolic.addresses import span
from bailiwick.network.model import Place
from bailiwick.packets.interval import IntervalSet
from bailiwick.proof.audit.uplinks import spoken_of, uplinks


class BadZone(ValueError):
    """What the command line names is not there; says so in one sentence."""


@dataclass(frozen=True, slots=True)
class Zone:
    """``interfaces`` may hold patterns (``ppp*``): interfaces of that name that nobody listed.

    ``homes`` are, by IP version, the addresses that live there; a version that is missing may be any.
    ``why`` says of an outside why one thinks that it is one.
    """

    id: str
    interfaces: tuple[str, ...]
    homes: Mapping[int, IntervalSet] = field(default_factory=dict)
    outside: bool = False
    why: str = ""

    @property
    def name(self) -> str:
        return "an unknown interface" if self.id == Place.UNKNOWN else self.id.partition(":")[2] or self.id


@dataclass(frozen=True, slots=True)
class Zones:
    """In the order of the configuration: zones, then what is outside, the unknown last. ``idle`` are interfaces that
    have no address and that no rule names: they count as unknown, for packets may come by them all the same."""

    all: tuple[Zone, ...]
    idle: tuple[str, ...] = ()

    @property
    def inside(self) -> tuple[Zone, ...]:
        return tuple(zone for zone in self.all if not zone.outside)

    @property
    def outside(self) -> tuple[Zone, ...]:
        return tuple(zone for zone in self.all if zone.outside)


def find_zones(device: Device, named: Sequence[tuple[str, str]] = (), outside: Sequence[str] = ()) -> Zones:
    """``named`` are (name, interfaces or networks, by commas); ``outside`` interfaces that lead there, and then no
    others do. Raises BadZone."""
    away = dict.fromkeys(outside, "you say so") if outside else uplinks(device)
    for name in outside:
        if not name.endswith("*") and name not in device.interfaces:
            raise BadZone(f"There is no interface {name}: there are {_listed(device)}.")
    spoken = spoken_of(device)
    speaking = [one for one in device.interfaces.values() if _speaks(one, spoken)]
    named_ = {part.strip() for _, text in named for part in text.split(",")}
    idle = tuple(one.name for one in speaking if _idle(one) and one.name not in {*away, *spoken, *named_})
    names = [one.name for one in speaking if one.name not in idle]
    names += [name for name in away if name not in names]
    zones = [_zone(device, name, away) for name in names]
    zones.sort(key=lambda zone: zone.outside)
    for name, text in named:
        zones = _renamed(device, zones, name, text, away)
    if not any(zone.outside for zone in zones) and not _listing(device):
        # A bare dump: whatever comes by an interface that no rule names is the outside.
        zones.append(Zone(Place.OUTSIDE, ("*",), outside=True, why="no rule names an interface of it"))
    else:
        zones.append(Zone(Place.UNKNOWN, ("*", *idle), outside=True, why="nothing names it"))
    return Zones(tuple(zones), idle)


def _listing(device: Device) -> bool:
    """Whether somebody listed the device's interfaces."""
    return any(one.line is not None for one in device.interfaces.values())


def _speaks(one: Interface, spoken: frozenset[str] = frozenset()) -> bool:
    """Not a port of a bridge; one that is down only where a rule waits for it."""
    return one.kind != "loopback" and one.master is None and (one.up or one.name in spoken)


def _idle(one: Interface) -> bool:
    return not one.addresses and not one.dynamic and one.kind not in ("ppp", "tunnel")


def _zone(device: Device, name: str, away: Mapping[str, str]) -> Zone:
    if name in away:
        return Zone(f"uplink:{name}", (name,), outside=True, why=away[name])
    return Zone(f"zone:{name}", (name,), _homes(device, name))


def _homes(device: Device, name: str) -> dict[int, IntervalSet]:
    """The subnets of an interface and what routes lead to beyond it; nothing of a version without an address."""
    one = device.interfaces.get(name)
    if one is None or one.dynamic:
        return {}
    networks: list[Network] = [address.network for address in one.addresses if not address.is_link_local]
    for route in device.routing.routes:
        if route.prefix is not None and route.interface == name and route.kind == "unicast" and route.prefix.prefixlen:
            networks.append(route.prefix)
    return {
        version: IntervalSet.union(span(network) for network in networks if network.version == version)
        for version in (4, 6)
        if any(network.version == version for network in networks)
    }


def _renamed(device: Device, zones: list[Zone], name: str, text: str, away: Mapping[str, str]) -> list[Zone]:
    members = [part.strip() for part in text.split(",") if part.strip()]
    if not members:
        raise BadZone(f"The zone {name} has nothing in it: write {name}=INTERFACE or {name}=NETWORK.")
    networks = [part for part in members if "/" in part]
    if networks and len(networks) < len(members):
        raise BadZone(f"The zone {name} mixes interfaces and networks.")
    if networks:
        return _carved(zones, name, networks)
    for member in members:
        if not any(member in zone.interfaces for zone in zones):
            raise BadZone(f"There is no interface {member} for the zone {name}: there are {_listed(device)}.")
    old = [zone for zone in zones if set(zone.interfaces) <= set(members)]
    homes = {version: _joined(old, version) for version in (4, 6) if all(version in zone.homes for zone in old)}
    outside = all(member in away for member in members)
    kind = "uplink" if outside else "zone"
    made = Zone(f"{kind}:{name}", tuple(members), homes, outside, old[0].why if outside and old else "")
    return [made if zone is old[0] else zone for zone in zones if zone is old[0] or zone not in old]


def _joined(zones: Iterable[Zone], version: int) -> IntervalSet:
    return IntervalSet.union(zone.homes[version] for zone in zones)


def _carved(zones: list[Zone], name: str, texts: list[str]) -> list[Zone]:
    """A part of a zone by its addresses; the rest of the zone stays what it was called."""
    try:
        networks = [ip_network(text, strict=False) for text in texts]
    except ValueError as error:
        raise BadZone(f"The zone {name}: {error}.") from None
    version = networks[0].version
    part = IntervalSet.union(span(network) for network in networks if network.version == version)
    for at, zone in enumerate(zones):
        home = zone.homes.get(version)
        if (home is not None and home.covers(part)) or (home is None and zone.outside):
            rest = zone if home is None else replace(zone, homes={**zone.homes, version: home - part})
            made = Zone(f"zone:{name}", zone.interfaces, {version: part})
            kept = [rest] if home is None or home - part else []
            return [*zones[:at], made, *kept, *zones[at + 1 :]]
    raise BadZone(f"The zone {name}: no interface has {', '.join(texts)} in its subnet.")


def _listed(device: Device) -> str:
    return ", ".join(name for name, one in device.interfaces.items() if _speaks(one)) or "none"
