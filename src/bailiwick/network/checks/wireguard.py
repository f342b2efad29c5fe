"""WireGuard tunnels to a provider: the server can be met beside the tunnel, and the tunnel can carry the internet."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address

from bailiwick.language.names import read_interface
from bailiwick.language.reading import Unreadable
from bailiwick.network.checks.interfaces import KERNEL_NAMES
from bailiwick.network.findings import Findings
from bailiwick.network.model import Network, Place, Uplink, WireguardPeer
from bailiwick.network.special import PUBLIC
from bailiwick.packets.interval import IntervalSet

SMALLEST, LARGEST = 576, 65535 - 60
"""Bytes: what every host takes (RFC 1122 §3.3.3), and an IPv4 packet less WireGuard's, UDP's and IPv4's own."""
LONGEST = 65535
"""Seconds: the kernel keeps the interval in sixteen bits (WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL)."""


def check_wireguard(network: Network, findings: Findings) -> None:
    """``wireguard-endpoint``, ``wireguard-name``, ``wireguard-allowed``, ``wireguard-beside``, ``interface-name``…"""
    for uplink in network.uplinks.values():
        if uplink.wireguard is not None:
            _check_link(uplink, findings)
            _check_numbers(uplink, uplink.wireguard, findings)
            _check_allowed(uplink, uplink.wireguard, findings)
            _check_endpoint(network, uplink, uplink.wireguard, findings)


def _check_link(uplink: Uplink, findings: Findings) -> None:
    at = ("uplinks", uplink.name)
    try:
        read_interface(uplink.port)
    except Unreadable as why:
        findings.error(why.code, why.message, (*at, "interface"), why.help)
    if uplink.port in KERNEL_NAMES:
        findings.error(
            "interface-clash",
            f"`{uplink.port}` is {KERNEL_NAMES[uplink.port]}.",
            (*at, "interface"),
            "call the tunnel something else, as `wg-vpn`",
        )
    for key, value in (("vlan", uplink.vlan), ("mac", uplink.mac), ("modem", uplink.modem)):
        if value is not None:
            findings.error(
                "wireguard-beside",
                f"`{key}` is of a port, and `{uplink.name}` is a tunnel, which has none.",
                (*at, key),
                "say it of the uplink by which the tunnel's server is met",
            )


def _check_numbers(uplink: Uplink, peer: WireguardPeer, findings: Findings) -> None:
    at = ("uplinks", uplink.name, "wireguard")
    if uplink.mtu is not None and not SMALLEST <= uplink.mtu <= LARGEST:
        findings.error(
            "wireguard-mtu",
            f"{uplink.mtu} bytes are no MTU of a tunnel: {SMALLEST} to {LARGEST}.",
            (*at, "mtu"),
            "remove the line: 1420 fits into every Ethernet",
        )
    if peer.keepalive > LONGEST:
        findings.error(
            "wireguard-keepalive",
            f"WireGuard counts to {LONGEST} seconds between two empty packets.",
            (*at, "peer", "keepalive"),
            "remove the line: every 25 seconds keeps the ways of most providers open",
        )


def _check_allowed(uplink: Uplink, peer: WireguardPeer, findings: Findings) -> None:
    """What the peer may not carry, the tunnel drops, and so would nobody who must leave by it get there."""
    missing = PUBLIC - IntervalSet.networks(peer.allowed)
    if missing:
        findings.error(
            "wireguard-allowed",
            f"The peer of `{uplink.name}` may not carry all of the internet: {next(iter(missing.cidrs()))} is missing.",
            ("uplinks", uplink.name, "wireguard", "peer", "allowed-addresses"),
            "write `0.0.0.0/0`, or remove the line",
        )


def _check_endpoint(network: Network, uplink: Uplink, peer: WireguardPeer, findings: Findings) -> None:
    at = ("uplinks", uplink.name, "wireguard", "peer", "endpoint")
    try:
        server = IPv4Address(peer.host)
    except AddressValueError:
        _check_lookup(network, uplink, peer, findings)
        return
    near = [one.address.network for one in network.exits() if one.address]
    known = IntervalSet.networks(near) | IntervalSet.addresses(one.modem for one in network.exits() if one.modem)
    if int(server) not in (PUBLIC | known) - network.inside():
        findings.error(
            "wireguard-endpoint",
            f"{server} is met by no uplink: it is a special-purpose address or one of the home's own.",
            at,
            "write the public address or name of the provider's server",
        )


def _check_lookup(network: Network, uplink: Uplink, peer: WireguardPeer, findings: Findings) -> None:
    """The router asks whom its clients ask: of a resolver that leaves by a tunnel, each would wait for the other."""
    at = ("uplinks", uplink.name, "wireguard", "peer", "endpoint")
    resolver = network.resolver
    if peer.host in resolver.records:
        findings.error(
            "wireguard-endpoint",
            f"`{peer.host}` is a name of the home's own, and no provider's server.",
            at,
            "write the public address or name of the provider's server",
        )
    if resolver.place == Place.ROUTER or resolver.address is None:
        return
    for route in network.routes_out:
        through = any(one.wireguard and one.id == route.uplink for one in network.uplinks.values())
        if through and any(e.place == resolver.place and int(resolver.address) in e.addresses for e in route.sources):
            findings.error(
                "wireguard-name",
                f"`{peer.host}` is looked up by `{resolver.host}`, which leaves by a tunnel that is not there before.",
                at,
                "write the server's address, or let the resolver leave as the others do",
                [(route.span, "its way out")],
            )
