"""VLAN-aware bridges: each port with the VLANs of the zones that it carries, and no other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Interface

from bailiwick.language.span import Span
from bailiwick.network.isolation import BRIDGE, isolated_ports
from bailiwick.network.model import Network, RouterPort, Switch
from bailiwick.plan.cards import Slot, slots, tap_names
from bailiwick.plan.ids import interface_name
from bailiwick.plan.switching import BridgePort, Management, Mirror, VlanBridge

ROUTEROS = "routeros"


def lay_bridges(network: Network) -> tuple[VlanBridge, ...]:
    """One for each machine that we configure beside the router, and the router's own where it runs RouterOS; by
    machine."""
    beside = [_bridge(network, network.switches[name]) for name in sorted(network.switches)]
    return tuple(sorted((*beside, *_own(network)), key=lambda bridge: bridge.device))


def _own(network: Network) -> Iterator[VlanBridge]:
    """The bridge of a router that runs RouterOS: all zones that have a VLAN id, by the ports that carry them."""
    router = network.router
    if not router.routeros:
        return
    zones, apart = network.zones, {port.name for port in isolated_ports(network)}
    ports = []
    for port in sorted(router.ports, key=lambda port: port.name):
        vlans = sorted(vlan for name in port.tagged if (vlan := zones[name].vlan) is not None)
        untagged = zones[port.untagged].vlan if port.untagged else None
        if vlans or untagged is not None:
            at = f"bridge-port:{router.name}/{port.name}"
            ports.append(BridgePort(at, port.name, (port.span,), untagged, tuple(vlans), isolated=port.name in apart))
    yield VlanBridge(
        id=f"bridge:{router.name}",
        device=router.name,
        spans=(router.span,),
        platform=ROUTEROS,
        hypervisor=False,
        name=BRIDGE,
        ports=tuple(ports),
        management=None,
        mirrors=tuple(sorted(_copies(router.name, router.ports), key=lambda mirror: mirror.id)),
        timezone=network.timezone,
        domain=network.domain,
        chips=router.chips,
    )


def _copies(device: str, ports: Iterable[RouterPort]) -> Iterator[Mirror]:
    for port in ports:
        if port.mirrors:
            yield Mirror(f"mirror:{device}/{port.name}", (port.span,), port.mirrors, port.name)


def _bridge(network: Network, switch: Switch) -> VlanBridge:
    made = _Ports(network, switch)
    ports = sorted((*made.cards(), *made.taps()), key=lambda port: port.name)
    return VlanBridge(
        id=f"bridge:{switch.name}",
        device=switch.name,
        spans=(switch.span,),
        platform=switch.runs,
        hypervisor=switch.hypervisor,
        name=switch.bridge,
        ports=tuple(ports),
        management=_management(network, switch, {switch.bridge, *(port.name for port in ports)}),
        mirrors=tuple(sorted(made.mirrors(), key=lambda mirror: mirror.id)),
        user=switch.user,
        timezone=network.timezone,
        domain=network.domain,
        chips=switch.chips,
    )


class _Ports:
    """The ports of one bridge: the machine's own, and guests' taps."""

    def __init__(self, network: Network, switch: Switch) -> None:
        self._network = network
        self._switch = switch
        self._slots = slots(network, switch.name) if switch.hypervisor else ()
        self._taps = tap_names(network, switch) if switch.hypervisor else {}
        self._ends = {link.a: link.b for link in network.links} | {link.b: link.a for link in network.links}
        self._inward = {link.b for link in network.links}

    def cards(self) -> Iterator[BridgePort]:
        for port in self._switch.ports:
            end = (self._switch.name, port.name)
            yield BridgePort(
                id=f"bridge-port:{'/'.join(end)}",
                name=port.name,
                spans=(port.span,),
                untagged=self._vlans(port.untagged)[0] if port.untagged else None,
                tagged=self._vlans(*port.tagged),
                isolated=end not in self._inward and self._isolates(port.untagged, *port.tagged),
                mac=port.mac,
                path=port.path,
                end=self._ends.get(end),
            )

    def taps(self) -> Iterator[BridgePort]:
        for slot in self._slots:
            if slot.passthrough is not None:
                continue
            name = self._taps[slot.guest, slot.name]
            router = slot.guest == self._network.router.name
            yield BridgePort(
                id=f"bridge-port:{self._switch.name}/{name}",
                name=name,
                spans=(self._span(slot),),
                untagged=self._vlans(slot.untagged)[0] if slot.untagged else None,
                tagged=self._vlans(*slot.tagged),
                isolated=not router and self._isolates(slot.untagged),
                tap=True,
                end=(slot.guest, slot.name),
            )

    def mirrors(self) -> Iterator[Mirror]:
        device = self._switch.name
        yield from _copies(device, self._switch.ports)
        for slot in self._slots:
            if slot.copies and slot.passthrough is None:
                tap = self._taps[slot.guest, slot.name]
                yield Mirror(f"mirror:{device}/{tap}", (self._span(slot),), slot.copies, tap)

    def _span(self, slot: Slot) -> Span:
        router = self._network.router
        if slot.guest != router.name:
            return self._network.hosts[slot.guest].span
        return next((port.span for port in router.ports if port.name == slot.name), router.span)

    def _vlans(self, *zones: str) -> tuple[int, ...]:
        """Ascending. A zone on a bridge has a VLAN id: the network's checks saw to it."""
        vlans = [self._network.zones[zone].vlan for zone in zones]
        return tuple(sorted(vlan for vlan in vlans if vlan is not None))

    def _isolates(self, *zones: str | None) -> bool:
        return any(self._network.zones[zone].isolate for zone in zones if zone is not None)


def _management(network: Network, switch: Switch, taken: set[str]) -> Management | None:
    if switch.zone is None or switch.address is None:
        return None
    zone = network.zones[switch.zone]
    assert zone.vlan is not None
    return Management(
        interface=interface_name(zone.name, taken, f"management:{switch.name}"),
        vlan=zone.vlan,
        address=IPv4Interface((switch.address, zone.subnet.prefixlen)),
        gateway=zone.gateway,
        resolver=network.resolver.address or zone.gateway,
    )
