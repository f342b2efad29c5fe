"""The router's interfaces: which port, VLAN, bridge, PPPoE session or tunnel stands for which zone or uplink."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Interface

from bailiwick.language.span import Span
from bailiwick.network.isolation import BRIDGE
from bailiwick.network.model import Addressing, Network, RouterPort, Uplink, Zone
from bailiwick.plan.cards import router_card_mac
from bailiwick.plan.hygiene import strays
from bailiwick.plan.ids import interface_name
from bailiwick.plan.model import Interface, LinkKind

PPPOE_BYTES = 8
"""PPPoE's header of six bytes and PPP's of two (RFC 2516 §7)."""

PPPOE_MTU = 1500 - PPPOE_BYTES

FIRST_METRIC = 100
"""Of the first uplink's default route; each further one's is a hundred more, so it only serves while those fail."""

_ORDER = (LinkKind.ETHERNET, LinkKind.VLAN, LinkKind.BRIDGE, LinkKind.PPP, LinkKind.TUNNEL)


def lay_interfaces(network: Network) -> tuple[Interface, ...]:
    """Every interface, parents before what stands on them: by kind, then by name."""
    layout = _OneBridge(network) if network.router.routeros else _Layout(network)
    for _, zone in sorted(network.zones.items()):
        layout.zone(zone)
    for _, uplink in sorted(network.uplinks.items()):
        layout.uplink(uplink)
    return tuple(sorted(layout.made.values(), key=lambda i: (_ORDER.index(i.kind), i.name)))


class _Layout:
    """Interfaces by name while they are being laid; ports come first, as their names are the machine's own."""

    def __init__(self, network: Network) -> None:
        self.made: dict[str, Interface] = {}
        self._ports = network.router.ports
        self._strays = strays(network)
        self._metrics = {u.name: FIRST_METRIC * n for n, u in enumerate(network.exits(), start=1)}
        for port in network.router.ports:
            card = _interface(port.name, LinkKind.ETHERNET, port.span)
            mac = router_card_mac(network, port) if network.router.guest else port.mac
            self.made[port.name] = replace(card, mac=mac, path=port.path)
        for uplink in network.uplinks.values():
            kind = LinkKind.TUNNEL if uplink.tunnel else LinkKind.ETHERNET
            card = self.made.get(uplink.port) or _interface(uplink.port, kind)
            self.made[uplink.port] = replace(card, spans=_with(card, uplink.span), mac=card.mac or uplink.mac)

    def zone(self, zone: Zone) -> None:
        """On one port the port itself or a VLAN of it, on several a bridge of those."""
        carriers = [port for port in self._ports if port.untagged == zone.name or zone.name in port.tagged]
        if len(carriers) == 1:
            name = self._carrier(carriers[0], zone, zone.name)
        else:
            members = sorted(self._carrier(port, zone, f"{port.name}.{zone.vlan}") for port in carriers)
            spans = [zone.span, *(port.span for port in carriers)]
            bridge = replace(_interface(zone.name, LinkKind.BRIDGE, *spans), members=tuple(members))
            name = self._add(replace(bridge, isolate=zone.isolate), f"bridge:{zone.name}")
        self._stand(name, zone)

    def _stand(self, name: str, zone: Zone) -> None:
        """The interface stands for the zone, with the router's address in it."""
        made = self.made[name]
        address = IPv4Interface((zone.gateway, zone.subnet.prefixlen))
        self.made[name] = replace(made, place=zone.id, address=address, spans=_with(made, zone.span))

    def uplink(self, uplink: Uplink) -> None:
        """The port or tunnel itself, or what stands on the port: a VLAN, a PPPoE session, a session on a VLAN."""
        name = uplink.port
        if uplink.vlan is not None:
            wanted = _interface(f"{uplink.port}.{uplink.vlan}", LinkKind.VLAN, uplink.span)
            name = self._add(replace(wanted, parent=uplink.port, vlan=uplink.vlan), f"vlan:{wanted.name}")
        if uplink.addressing is Addressing.PPPOE:
            name = self._session(uplink, name)
        else:
            self.made[name] = replace(self.made[name], mtu=uplink.mtu)
        self.made[name] = replace(
            self.made[name],
            place=uplink.id,
            address=uplink.address,
            gateway=uplink.gateway,
            dhcp=uplink.addressing is Addressing.DHCP,
            metric=self._metrics.get(uplink.name),
            reaches=self._strays.get(uplink.id, ()),
            wireguard=uplink.wireguard,
        )

    def _session(self, uplink: Uplink, parent: str) -> str:
        mtu = uplink.mtu or PPPOE_MTU
        if mtu > PPPOE_MTU:
            # RFC 4638: the Ethernet below must carry the eight bytes more.
            for below in {parent, uplink.port}:
                self.made[below] = replace(self.made[below], mtu=mtu + PPPOE_BYTES)
        session = replace(
            _interface(f"ppp-{uplink.name}", LinkKind.PPP, uplink.span),
            parent=parent,
            mtu=mtu,
            ppp_user=uplink.pppoe_user,
            ppp_secret=uplink.pppoe_secret,
            ppp_service=uplink.pppoe_service,
        )
        return self._add(session, f"ppp:{uplink.name}")

    def _carrier(self, port: RouterPort, zone: Zone, wanted: str) -> str:
        """What of a port carries the zone: the port where it is untagged, else a VLAN of it."""
        if port.untagged == zone.name:
            return port.name
        vlan = replace(_interface(wanted, LinkKind.VLAN, zone.span, port.span), parent=port.name, vlan=zone.vlan)
        return self._add(vlan, f"vlan:{port.name}:{zone.name}")

    def _add(self, wanted: Interface, meaning: str) -> str:
        """Under the wanted name, or the nearest that the kernel takes; the name it got."""
        name = interface_name(wanted.name, self.made, meaning)
        self.made[name] = replace(wanted, id=f"interface:{name}", name=name)
        return name


class _OneBridge(_Layout):
    """RouterOS: a zone is a VLAN interface on the one bridge, or a port for itself where it has no VLAN id.

    Which ports carry it is in the bridge's table (``bridges``), so the bridge names no members here.
    """

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        bridge = _interface(BRIDGE, LinkKind.BRIDGE, network.router.span)
        self.made[BRIDGE] = bridge

    def zone(self, zone: Zone) -> None:
        name = next((port.name for port in self._ports if port.untagged == zone.name), BRIDGE)
        if zone.vlan is not None:
            wanted = _interface(zone.name, LinkKind.VLAN, zone.span)
            name = self._add(replace(wanted, parent=BRIDGE, vlan=zone.vlan), f"vlan:{BRIDGE}:{zone.name}")
        self._stand(name, zone)


def _interface(name: str, kind: LinkKind, *spans: Span) -> Interface:
    return Interface(f"interface:{name}", name, kind, tuple(sorted(spans)))


def _with(made: Interface, span: Span) -> tuple[Span, ...]:
    return tuple(sorted({*made.spans, span}))
