"""What a router that runs RouterOS offers of its own, beside the filter: who manages it is let in, and nobody waits.

The filter says who reaches a port; these say whether anything answers there, and whom (manual, "Services"). A service
that a sentence names, and that is off or answers others, locks its owner out. One that nothing names is off.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from bailiwick.dataplane.model import Device, Listener
from bailiwick.dataplane.service_ports import SERVICES
from bailiwick.network.model import Match, Network, Permission, Place
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import TCP
from bailiwick.proof.difference import Difference, Kind, Meaning

BY_ANY = frozenset({"ssh", "winbox"})
"""Services that a sentence about every port means as well; others are named by their own."""

IDLE = frozenset(
    {"web proxy", "SOCKS proxy", "UPnP", "NAT-PMP", "SMB", "SNMP", "NTP", "bandwidth test", "TFTP", "OpenVPN server"}
    | {"L2TP server", "PPTP server", "SSTP server", "CAPsMAN", "RADIUS server", "RADIUS requests"}
)
"""Listeners that no home file asks for, by their readers' names."""

SETTINGS = {
    "/ip/settings rp-filter": ("no", "no"),
    "/ip/settings send-redirects": ("no", "yes"),
    "/ip/settings accept-redirects": ("no", "no"),
    "/ip/settings secure-redirects": ("no", "yes"),
    "/ip/settings accept-source-route": ("no", "no"),
    "/ip/firewall/connection/tracking enabled": ("yes", "auto"),
    "/ip/ssh strong-crypto": ("yes", "no"),
    "/ip/ssh forwarding-enabled": ("no", "no"),
}
"""What has to be so, and what is where nothing is said (manual, "IP Settings", "Connection tracking", "SSH")."""

_EVERYBODY = IntervalSet.span(0, (1 << 32) - 1)


def offered(network: Network, device: Device) -> Iterator[Difference]:
    """Nothing of a router that runs Linux."""
    if device.platform != "routeros":
        return
    for key, (wanted, usual) in SETTINGS.items():
        value = device.settings.get(key, usual)
        if value != wanted:
            yield Difference(Kind.SETTING, f"{key} is {value or 'empty'}, and not {wanted}")
    for name, port in SERVICES.items():
        asking = [(one, sources) for one in network.policy if (sources := _who(one, name, port))]
        found = [one for one in device.listeners if one.name == name]
        yield from _service(name, port, asking, found[0] if found else None)
    for one in device.listeners:
        if one.name in IDLE:
            yield Difference(
                Kind.SETTING, f"{one.name} listens on port {one.port}, and nothing asks for it", line=one.line
            )


def _service(
    name: str, port: int, asking: list[tuple[Permission, IntervalSet]], found: Listener | None
) -> Iterator[Difference]:
    meant = tuple(Meaning(one.span, one.text) for one, _ in asking)
    if found is None:
        if asking:
            yield Difference(Kind.LESS, f"{name} is off, and would answer", meant=meant)
        return
    if not asking:
        yield Difference(Kind.SETTING, f"{name} is on, and no sentence opens it", line=found.line)
        return
    if found.port != port:
        yield Difference(
            Kind.LESS, f"{name} answers on port {found.port} rather than {port}", line=found.line, meant=meant
        )
    answered = _answered(found)
    for one, sources in asking:
        if not answered.covers(sources):
            who = _words(sources - answered)
            yield Difference(
                Kind.LESS, f"{name} does not answer {who}", line=found.line, meant=(Meaning(one.span, one.text),)
            )


def _answered(listener: Listener) -> IntervalSet:
    if listener.sources is None:
        return _EVERYBODY
    return IntervalSet.networks(one for one in listener.sources if isinstance(one, IPv4Network))


def _who(permission: Permission, name: str, port: int) -> IntervalSet:
    """Whose questions to the service a sentence lets in; nobody where it does not speak of it."""
    if not any(extent.place == Place.ROUTER for extent in permission.target.extents):
        return IntervalSet()
    named = any(_is(match, port, exactly=name not in BY_ANY) for match in permission.matches)
    if not named or any(_is(match, port) for match in permission.but):
        return IntervalSet()
    return IntervalSet.union(one.addresses for one in permission.source.extents)


def _is(match: Match, port: int, *, exactly: bool = False) -> bool:
    if match.protocols is not None:
        return not exactly and match.protocols[0] <= TCP <= match.protocols[1]
    if exactly:
        return match.protocol == TCP and match.ports == (port, port)
    within = match.ports is None or match.ports[0] <= port <= match.ports[1]
    return match.protocol in (None, TCP) and within and match.icmp_type is None


def _words(addresses: IntervalSet) -> str:
    """The first few of them."""
    nets = [str(one) for one in addresses.cidrs()]
    return ", ".join(nets[:3]) + (", …" if len(nets) > 3 else "")
