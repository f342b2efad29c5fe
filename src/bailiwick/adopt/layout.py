"""Zones, uplinks and ports of a device: what its interfaces stand for, under names that a person would give."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface

from bailiwick.adopt.facts import Facts, Left, Pool
from bailiwick.adopt.naming import Taken, is_word, zone_words
from bailiwick.dataplane.model import Device, Interface
from bailiwick.network.special import PUBLIC
from bailiwick.packets.interval import IntervalSet
from bailiwick.proof.audit.zones import Zones

_WIDEST, _NARROWEST = 8, 30
"""Prefix lengths that a zone may have in a home file."""


@dataclass(frozen=True, slots=True)
class ZoneDraft:
    """``members`` are the addresses that a host there may have: not the router's, not the broadcast one."""

    name: str
    interface: str
    gateway: IPv4Interface
    vlan: int | None
    dhcp: Pool | None

    @property
    def id(self) -> str:
        return f"zone:{self.name}"

    @property
    def subnet(self) -> IntervalSet:
        return IntervalSet.networks([self.gateway.network])

    @property
    def members(self) -> IntervalSet:
        network = self.gateway.network
        return self.subnet - IntervalSet.addresses([self.gateway.ip, network.broadcast_address])


@dataclass(frozen=True, slots=True)
class UplinkDraft:
    """``how`` is ``dhcp``, ``static``, ``pppoe`` or ``tunnel``. ``port`` carries it, ``vlan`` where that is tagged."""

    name: str
    interface: str
    how: str
    port: str
    vlan: int | None = None
    address: IPv4Interface | None = None
    gateway: IPv4Address | None = None
    modem: IPv4Address | None = None
    user: str = ""

    @property
    def id(self) -> str:
        return f"uplink:{self.name}"


@dataclass
class PortDraft:
    """Zones by name: without a tag, and with one."""

    native: str = ""
    tagged: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Layout:
    """``places`` says what each interface of the device stands for; one that is not there stands for nothing."""

    zones: tuple[ZoneDraft, ...]
    uplinks: tuple[UplinkDraft, ...]
    ports: Mapping[str, PortDraft]
    left: tuple[Left, ...]

    @property
    def places(self) -> dict[str, str]:
        zones = {zone.interface: zone.id for zone in self.zones}
        return zones | {uplink.interface: uplink.id for uplink in self.uplinks}

    @property
    def exits(self) -> tuple[UplinkDraft, ...]:
        """Uplinks that are no tunnel."""
        return tuple(uplink for uplink in self.uplinks if uplink.how != "tunnel")

    @property
    def inside(self) -> IntervalSet:
        return IntervalSet.union(zone.subnet for zone in self.zones)

    @property
    def internet(self) -> IntervalSet:
        return PUBLIC - self.inside


def lay_out(device: Device, zones: Zones, facts: Facts, taken: Taken) -> Layout:
    """What no home file can say of an interface is left over, with the line that made it."""
    drafting = _Drafting(device, facts, taken)
    for zone in zones.all:
        for name in zone.interfaces:
            if name in device.interfaces:
                one = device.interfaces[name]
                named = zone.name if zone.name != name else ""
                drafting.uplink(one, named) if zone.outside else drafting.zone(one, named)
    drafting.wire()
    return Layout(tuple(drafting.zones), tuple(drafting.ordered()), drafting.ports, tuple(drafting.left))


def port_name(interface: str) -> str:
    """As Linux could call it: at most 15 letters, digits and ``. _ -`` (dev_valid_name in net/core/dev.c)."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", interface)[:15].strip("-") or "port"


class _Drafting:
    def __init__(self, device: Device, facts: Facts, taken: Taken) -> None:
        self.device, self.facts, self.taken = device, facts, taken
        self.zones: list[ZoneDraft] = []
        self.uplinks: list[UplinkDraft] = []
        self.ports: dict[str, PortDraft] = defaultdict(PortDraft)
        self.left: list[Left] = []

    # ---- what an interface stands for

    def zone(self, one: Interface, named: str) -> None:
        own = [a for a in one.addresses if isinstance(a, IPv4Interface)]
        usable = [a for a in own if _WIDEST <= a.network.prefixlen <= _NARROWEST]
        if one.kind in ("tunnel", "ppp"):
            self._leave("uplinks", one, f"{one.name} is a tunnel that leads inside: no zone can be one yet")
            return
        if not usable:
            self._leave("zones", one, f"{one.name} has no IPv4 subnet of its own")
            return
        for other in own:
            if other is not usable[0]:
                self._leave("zones", one, f"{one.name} has the address {other} as well: a zone has one subnet")
        vlan = self._vlan(one)
        words = zone_words(one.name, self.facts.titles.get(one.name, ""), vlan)
        name = self.taken.take(named or words, one.name)
        self.zones.append(ZoneDraft(name, one.name, usable[0], vlan, self.facts.dhcp.get(one.name)))

    def _vlan(self, one: Interface) -> int | None:
        """The tag of an interface: its own, that of the ports of its bridge, or its bridge's untagged one."""
        if one.kind == "vlan":
            named = re.search(r"\.(\d{1,4})$", one.name)  # as vconfig(8) and ifupdown call them; `ip addr` says no id
            return int(named[1]) if one.vlan is None and named else one.vlan
        if one.kind == "bridge":
            below = {port.vlan for port in self._ports(one.name) if port.kind == "vlan"}
            if len(below) == 1:
                return below.pop()
            if one.untagged not in (None, 1):
                return one.untagged
        return None

    def uplink(self, one: Interface, named: str) -> None:
        own = [a for a in one.addresses if isinstance(a, IPv4Interface)]
        bare = one.kind != "ppp" and not own and not one.dynamic
        if bare and any(other.parent == one.name for other in self.device.interfaces.values()):
            return  # it carries the session that is the uplink
        port, vlan = one, None
        if one.kind == "ppp":
            port = self._below(one)
        if port.kind == "vlan":
            port, vlan = self._below(port), port.vlan
        gateway = self._gateway(one)
        tunnel = one.kind == "tunnel" or (one.kind == "ppp" and one.parent is None)
        if tunnel and own:
            short = re.sub(r"^(?:wg|tun|ovpn|vpn)[-_]?(?=[A-Za-z])", "", one.name)
            name = self.taken.take(named or short, one.name)
            draft = UplinkDraft(name, one.name, "tunnel", port_name(one.name), address=own[0])
        elif one.kind == "ppp" and not tunnel:
            user = self.facts.users.get(one.name, "me@provider.example")
            draft = UplinkDraft(self._wan(one, named), one.name, "pppoe", self._port(port.name), vlan, user=user)
        elif one.dynamic and not tunnel:
            modem = gateway if gateway is not None and int(gateway) not in PUBLIC else None
            draft = UplinkDraft(self._wan(one, named), one.name, "dhcp", self._port(port.name), vlan, modem=modem)
        elif own and gateway is not None:
            draft = UplinkDraft(self._wan(one, named), one.name, "static", self._port(port.name), vlan, own[0], gateway)
        else:
            self._leave("uplinks", one, f"how {one.name} gets its address, or its gateway, is not told")
            return
        self.uplinks.append(draft)

    def _port(self, name: str) -> str:
        """A port by the name that is printed beside its socket, where somebody gave it another."""
        one = self.device.interfaces.get(name)
        return port_name(one.aliases[0] if one is not None and one.aliases else name)

    def _below(self, one: Interface) -> Interface:
        return self.device.interfaces.get(one.parent or "", one)

    def _wan(self, one: Interface, named: str) -> str:
        title = self.facts.titles.get(one.name, "")
        return self.taken.take(named or (title if is_word(title) else "wan"), "wan")

    def _gateway(self, one: Interface) -> IPv4Address | None:
        for route in self.device.routing.routes:
            if route.prefix is None or route.prefix.prefixlen or route.prefix.version != 4:
                continue
            near = isinstance(route.gateway, IPv4Address) and any(route.gateway in a.network for a in one.addresses)
            if (route.interface == one.name or near) and isinstance(route.gateway, IPv4Address):
                return route.gateway
        return None

    def ordered(self) -> list[UplinkDraft]:
        """Tunnels last, the usual way out first."""
        return sorted(self.uplinks, key=lambda uplink: uplink.how == "tunnel")

    def _leave(self, section: str, one: Interface, why: str) -> None:
        line = one.line
        self.left.append(Left(section, line.number if line else 0, line.text if line else one.name, why))

    # ---- where zones come out

    def wire(self) -> None:
        away = {uplink.port for uplink in self.uplinks}
        for zone in self.zones:
            for port, tagged in self._ends(zone):
                name = self._port(port)
                if name in away and not tagged:
                    continue
                draft = self.ports[name]
                if tagged and zone.name not in draft.tagged:
                    draft.tagged.append(zone.name)
                elif not tagged and not draft.native:
                    draft.native = zone.name

    def _ends(self, zone: ZoneDraft) -> Iterator[tuple[str, bool]]:
        """(port, whether tagged there)."""
        one = self.device.interfaces[zone.interface]
        if one.kind == "vlan" and one.parent is not None:
            below = self.device.interfaces.get(one.parent)
            if below is None or below.kind != "bridge":
                yield one.parent, True
            else:
                yield from self._bridged(below, one.vlan)
        elif one.kind == "bridge":
            yield from self._bridged(one, one.untagged if self._filters(one) else None)
        else:
            yield one.name, False

    def _bridged(self, bridge: Interface, vlan: int | None) -> Iterator[tuple[str, bool]]:
        filters = self._filters(bridge)
        for port in self._ports(bridge.name):
            if port.kind == "vlan" and port.parent is not None:
                yield port.parent, True
            elif not filters:
                yield port.name, vlan is not None
            elif vlan == port.untagged and vlan not in port.tagged:
                yield port.name, False
            elif vlan in port.tagged:
                yield port.name, True

    def _ports(self, bridge: str) -> list[Interface]:
        return [one for one in self.device.interfaces.values() if one.master == bridge]

    def _filters(self, bridge: Interface) -> bool:
        return bool(bridge.tagged) or any(p.untagged is not None or p.tagged for p in self._ports(bridge.name))
