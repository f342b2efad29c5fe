"""Hygiene: addresses that never enter or leave by an uplink, and clamps where packets shrink."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

from bailiwick.network.model import Addressing, Network
from bailiwick.network.special import SPECIAL
from bailiwick.packets.interval import IntervalSet
from bailiwick.plan.model import Clamp, Hygiene, Interface, LinkKind

ETHERNET_MTU = 1500


def keep_clean(network: Network) -> Hygiene:
    """RFC 6890's special-purpose ranges and the home's own at each uplink (BCP 38, BCP 84), less its neighbours'."""
    never = SPECIAL | network.inside()
    upstreams = IntervalSet.addresses(network.resolver.upstreams)
    beyond = neighbours(network)
    return Hygiene(
        bogons={place: never - near for place, near in beyond.items()},
        martians={place: never - near - upstreams for place, near in beyond.items()},
        anti_spoof=tuple(sorted(zone.id for zone in network.zones.values())),
        dhcp_clients=tuple(sorted(u.id for u in network.uplinks.values() if u.addressing is Addressing.DHCP)),
    )


def clamps(interfaces: tuple[Interface, ...]) -> tuple[Clamp, ...]:
    """Wherever the path is narrower than Ethernet, and path MTU discovery too often broken to lean on (RFC 4459)."""
    return tuple(
        Clamp(f"clamp:{i.name}", i.place)
        for i in interfaces
        if i.place is not None
        and (i.kind in (LinkKind.PPP, LinkKind.TUNNEL) or (i.mtu is not None and i.mtu < ETHERNET_MTU))
    )


def neighbours(network: Network) -> Mapping[str, IntervalSet]:
    """By uplink's place, who is known to be beyond it: its static subnet, the modem's page, hosts and devices there."""
    found: dict[str, IntervalSet] = {}
    named = _named_beyond(network)
    for uplink in network.uplinks.values():
        near = list(named.get(uplink.id, ()))
        if uplink.modem is not None:
            near.append(uplink.modem)
        own = [uplink.address.network] if uplink.address is not None else []
        found[uplink.id] = IntervalSet.networks(own) | IntervalSet.addresses(near)
    return found


def strays(network: Network) -> Mapping[str, tuple[IPv4Address, ...]]:
    """By uplink's place, who is named beyond it and in no subnet of its own; the first uplink's default finds its own.

    A tunnel's have their ways by the exit alone.
    """
    named = _named_beyond(network)
    found: dict[str, tuple[IPv4Address, ...]] = {}
    for uplink in network.exits()[1:]:
        near = {*named.get(uplink.id, ()), *([uplink.modem] if uplink.modem else [])}
        own = uplink.address.network if uplink.address else None
        found[uplink.id] = tuple(sorted(a for a in near if own is None or a not in own))
    return found


def _named_beyond(network: Network) -> Mapping[str, list[IPv4Address]]:
    beyond: dict[str, list[IPv4Address]] = {}
    for device in network.devices.values():
        if device.place is not None and device.address is not None:
            beyond.setdefault(device.place, []).append(device.address)
    for host in network.hosts.values():
        for leg in host.legs:
            beyond.setdefault(leg.place, []).append(leg.address)
    return beyond
