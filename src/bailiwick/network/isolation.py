"""A MikroTik router's own bridge, and its ports whose hosts are kept apart: bridge ports of one horizon (manual)."""

from __future__ import annotations

from bailiwick.network.model import Network, RouterPort

BRIDGE = "bridge"
"""What the router's own bridge is called."""


def isolated_ports(network: Network) -> list[RouterPort]:
    """The router's ports that carry an isolated zone which is on several of them."""
    ports = network.router.ports
    apart = {
        zone.name
        for zone in network.zones.values()
        if zone.isolate and sum(zone.name in carried(port) for port in ports) > 1
    }
    return [port for port in ports if apart & carried(port)]


def carried(port: RouterPort) -> set[str]:
    """The names of the zones whose frames a port carries."""
    return {zone for zone in (port.untagged, *port.tagged) if zone}
