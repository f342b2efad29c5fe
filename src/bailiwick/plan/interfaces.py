"""The router's interfaces: which port, VLAN, bridge, PPPoE session or tunnel stands for which zone or uplink."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Interface

from bailiwick.language.span import Span
from bailiwick.network.model import Addressing, Network, RouterPort, Uplink, Zone
from bailiwick.plan.ids import interface_name
from bailiwick.plan.model import Interface, LinkKind

PPPOE_MTU = 1492
"""Ethernet's 1500 bytes less PPPoE's header of six and PPP's of two (RFC 2516 §7)."""

FIRST_METRIC = 100
"""Of the first uplink's default route; each further one's is a hundred more, so it only serves while those fail."""

_ORDER = (LinkKind.ETHERNET, LinkKind.VLAN, LinkKind.BRIDGE, LinkKind.PPP, LinkKind.TUNNEL)


def lay_interfaces(network: Network) -> tuple[Interface, ...]:
    """Every interface, parents before what stands on them: by kind, then by name."""
    layout = _Layout(network)
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
        self._metrics = {u.name: FIRST_METRIC * n for n, u in enumerate(network.exits(), start=1)}
        for port in network.router.ports:
            self._add(Interface(f"interface:{port.name}", port.name, LinkKind.ETHERNET, (port.span,)))
            self.made[port.name] = replace(self.made[port.name], mac=port.mac, path=port.path)
        for uplink in network.uplinks.values():
            self._uplink_port(uplink)

    def zone(self, zone: Zone) -> None:
        carriers = [p for p in self._ports if p.untagged == zone.name or zone.name in p.tagged]
        address = IPv4Interface((zone.gateway, zone.subnet.prefixlen))
        if len(carriers) == 1:
            (port,) = carriers
            name = port.name if port.untagged == zone.name else self._vlan(zone.name, port, zone)
            self.made[name] = replace(
                self.made[name], place=zone.id, address=address, spans=_both(self.made[name].spans, zone)
            )
        elif carriers:
            members = [
                p.name if p.untagged == zone.name else self._vlan(f"{p.name}.{zone.vlan}", p, zone) for p in carriers
            ]
            name = interface_name(zone.name, self.made, f"bridge:{zone.name}")
            self._add(
                Interface(
                    f"interface:{name}",
                    name,
                    LinkKind.BRIDGE,
                    tuple(sorted((zone.span, *(p.span for p in carriers)))),
                    place=zone.id,
                    members=tuple(sorted(members)),
                    address=address,
                    isolate=zone.isolate,
                )
            )

    def uplink(self, uplink: Uplink) -> None:
        name = uplink.port
        if uplink.vlan is not None:
            name = interface_name(f"{uplink.port}.{uplink.vlan}", self.made, f"vlan:{uplink.port}.{uplink.vlan}")
            self._add(
                Interface(
                    f"interface:{name}", name, LinkKind.VLAN, (uplink.span,), parent=uplink.port, vlan=uplink.vlan
                )
            )
        if uplink.addressing is Addressing.PPPOE:
            parent = name
            mtu = uplink.mtu or PPPOE_MTU
            if mtu > PPPOE_MTU:
                # RFC 4638: the Ethernet below must carry the eight bytes more.
                for below in {parent, uplink.port}:
                    self.made[below] = replace(self.made[below], mtu=mtu + 8)
            name = interface_name(f"ppp-{uplink.name}", self.made, f"ppp:{uplink.name}")
            self._add(
                Interface(
                    f"interface:{name}",
                    name,
                    LinkKind.PPP,
                    (uplink.span,),
                    parent=parent,
                    mtu=mtu,
                    ppp_user=uplink.pppoe_user,
                    ppp_secret=uplink.pppoe_secret,
                    ppp_service=uplink.pppoe_service,
                )
            )
        else:
            self.made[name] = replace(self.made[name], mtu=uplink.mtu)
        self.made[name] = replace(
            self.made[name],
            place=uplink.id,
            address=uplink.address,
            gateway=uplink.gateway,
            dhcp=uplink.addressing is Addressing.DHCP,
            metric=self._metrics.get(uplink.name),
        )

    def _uplink_port(self, uplink: Uplink) -> None:
        kind = LinkKind.TUNNEL if uplink.tunnel else LinkKind.ETHERNET
        made = self.made.get(uplink.port) or Interface(f"interface:{uplink.port}", uplink.port, kind, ())
        self.made[uplink.port] = replace(
            made, spans=tuple(sorted({*made.spans, uplink.span})), mac=made.mac or uplink.mac
        )

    def _vlan(self, wanted: str, port: RouterPort, zone: Zone) -> str:
        name = interface_name(wanted, self.made, f"vlan:{port.name}:{zone.name}")
        self._add(
            Interface(
                f"interface:{name}",
                name,
                LinkKind.VLAN,
                (zone.span, port.span),
                parent=port.name,
                vlan=zone.vlan,
            )
        )
        return name

    def _add(self, interface: Interface) -> None:
        self.made[interface.name] = interface


def _both(spans: tuple[Span, ...], zone: Zone) -> tuple[Span, ...]:
    return spans if zone.span in spans else (zone.span, *spans)
