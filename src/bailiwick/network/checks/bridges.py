"""Bridges that filter VLANs: a tag for each zone on them, and isolation that parts no more than it should."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.language.span import Span
from bailiwick.network.findings import Findings
from bailiwick.network.model import Network, RouterPort, Switch


def check_bridges(network: Network, findings: Findings) -> None:
    """``zone-without-vlan`` and ``isolation-mixed``."""
    said = {zone for port in network.router.ports for zone in port.tagged}  # these are told by the port
    for switch in network.switches.values():
        for name, span in _zones(network, switch):
            if network.zones[name].vlan is None and name not in said:
                said.add(name)
                findings.error(
                    "zone-without-vlan",
                    f"Zone `{name}` is on the bridge of `{switch.name}`, and has no VLAN id.",
                    span,
                    f"add `vlan:` to zone `{name}`: a bridge keeps zones apart by it, access ports included",
                    [(network.zones[name].span, "the zone")],
                )
        _check_isolation(network, switch, findings)


def _zones(network: Network, switch: Switch) -> Iterator[tuple[str, Span]]:
    """Zone names on the bridge, and where each is asked for."""
    if switch.zone:
        yield switch.zone, switch.span
    for port in switch.ports:
        for zone in (port.untagged, *port.tagged):
            if zone:
                yield zone, port.span
    for host in network.hosts.values():
        if host.guest and host.guest.hypervisor == switch.name:
            for leg in host.legs:
                if leg.place.startswith("zone:"):
                    yield leg.place.removeprefix("zone:"), host.span
    router = network.router
    if router.guest and router.guest.hypervisor == switch.name:
        for port in router.ports:
            if port.name not in router.guest.cards:
                for zone in (port.untagged, *port.tagged):
                    if zone:
                        yield zone, port.span


def _check_isolation(network: Network, switch: Switch, findings: Findings) -> None:
    """A bridge isolates whole ports. Two ports away from the router that both carry an isolated zone are parted in
    every zone that they share, so they may share no other."""
    inward = {link.b for link in network.links}
    away = [port for port in switch.ports if (switch.name, port.name) not in inward]
    isolating = [port for port in away if any(network.zones[zone].isolate for zone in _carried(port))]
    for index, port in enumerate(isolating):
        for other in isolating[:index]:
            shared = sorted(z for z in _carried(port) & _carried(other) if not network.zones[z].isolate)
            if shared:
                zone = next(z for z in sorted(_carried(port)) if network.zones[z].isolate)
                findings.error(
                    "isolation-mixed",
                    f"Ports `{other.name}` and `{port.name}` of `{switch.name}` both carry an isolated zone (`{zone}`) "
                    f"and zone `{shared[0]}`, which would be cut in two with it.",
                    port.span,
                    "a bridge isolates whole ports: lead isolated zones over one port away from the router, or over "
                    "ports of their own",
                    [(other.span, f"port `{other.name}`")],
                )
                return


def _carried(port: RouterPort) -> set[str]:
    return {zone for zone in (port.untagged, *port.tagged) if zone}
