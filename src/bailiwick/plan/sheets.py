"""What a person enters on the devices that we do not configure."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.network.model import Addressing, Device, Forward, Network, Uplink, Zone
from bailiwick.packets.interval import EVERY_ADDRESS
from bailiwick.packets.packet import TCP
from bailiwick.plan.model import Interface, Sheet


def sheets(network: Network, interfaces: tuple[Interface, ...]) -> tuple[Sheet, ...]:
    """One for each device that we do not configure, by name."""
    return tuple(
        Sheet(f"sheet:{name}", name, device.kind, (device.span,), tuple(_lines(network, device, interfaces)))
        for name, device in sorted(network.devices.items())
        if name not in network.switches
    )


def _lines(network: Network, device: Device, interfaces: tuple[Interface, ...]) -> Iterator[str]:
    yield from _own_address(network, device)
    yield from _ports(network, device)
    yield from _wireless(network, device)
    for uplink in network.uplinks.values():
        if device.kind == "isp-box" and device.place == uplink.id:
            yield from _isp_box(network, uplink, interfaces)


def _own_address(network: Network, device: Device) -> Iterator[str]:
    zone = next((z for z in network.zones.values() if z.id == device.place), None)
    if zone is None or device.address is None:
        return
    resolver = network.resolver.address or zone.gateway
    yield f"Its own address: {device.address}/{zone.subnet.prefixlen}, gateway {zone.gateway}, DNS server {resolver}."
    if zone.dhcp is not None and device.mac is not None:
        yield f"Or leave it on DHCP: the router keeps that address for the card {device.mac}."
    yield f"Its own page is reached in zone {_zone(zone)}, and in no other."


def _ports(network: Network, device: Device) -> Iterator[str]:
    for port, (untagged, tagged) in sorted(device.ports.items()):
        carried = []
        if untagged is not None:
            carried.append(f"untagged {_zone(network.zones[untagged])}")
        if tagged:
            carried.append("tagged " + ", ".join(_zone(network.zones[name]) for name in tagged))
        to = f" (to {device.links[port]})" if port in device.links else ""
        if port in device.mirrors:
            yield f"Port {port}{to}: a copy of all frames of {', '.join(device.mirrors[port])}; no zone at all."
            continue
        yield f"Port {port}{to}: {'; '.join(carried) or 'no zone at all'}; no other VLAN."


def _wireless(network: Network, device: Device) -> Iterator[str]:
    for ssid, name in sorted(device.ssids.items()):
        zone = network.zones[name]
        isolation = "; turn client isolation on" if zone.isolate else ""
        yield f'Wireless network "{ssid}": {_zone(zone)}{isolation}.'


def _isp_box(network: Network, uplink: Uplink, interfaces: tuple[Interface, ...]) -> Iterator[str]:
    router = next(i for i in interfaces if i.place == uplink.id)
    if uplink.addressing is Addressing.PPPOE:
        yield "Set the box to bridge mode (PPPoE passthrough): the router logs in itself and has the public address."
        return
    if uplink.address is not None:
        address = str(uplink.address.ip)
    else:
        card = uplink.mac or f"that of the router's port {router.parent or router.name}"
        yield f"Give the router's card ({card}) a fixed lease, and enter that address wherever these lines say ADDRESS."
        address = "ADDRESS"
    for forward in sorted(network.forwards, key=lambda f: f.id):
        if uplink.id in forward.uplinks:
            yield from _mappings(forward, address)
    subnets = ", ".join(str(s) for s in sorted(z.subnet for z in network.zones.values()))
    yield f"Only if the box itself is to reach the home without translation: static routes to {subnets} by {address}."
    yield "Turn UPnP off on the box: it would open doors that this page does not list."


def _mappings(forward: Forward, address: str) -> Iterator[str]:
    only = "" if forward.sources == EVERY_ADDRESS else ", from anywhere (the router itself checks who may come in)"
    for match in forward.matches:
        assert match.ports is not None
        first, last = match.ports
        ports = str(first) if first == last else f"{first}-{last}"
        word = "TCP" if match.protocol == TCP else "UDP"
        yield f"Map {word} {ports} to {address}, same port{only}: forward {forward.name}."


def _zone(zone: Zone) -> str:
    return f"{zone.name} (VLAN {zone.vlan})" if zone.vlan is not None else zone.name
