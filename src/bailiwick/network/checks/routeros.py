"""A router that runs RouterOS: what it cannot do at all, and what is not written for it yet.

Every one of these is an error with its line: nothing of a home file is left out in silence. What RouterOS itself lacks
is told by MikroTik's manual, "DNS" (one resolver, no filter of private answers) and "Bridge" (split horizon).
"""

from __future__ import annotations

import re

from bailiwick.network.dhcp_values import Form, form
from bailiwick.network.findings import Findings
from bailiwick.network.isolation import BRIDGE, carried, isolated_ports
from bailiwick.network.model import Addressing, Network, Uplink

TABLES_OF_A_LEASE = 18
"""The release 7.x from which on ``default-route-tables`` is known to a DHCP client."""

NOBODY = "0.0.0.0"
"""In the home file and for dnsmasq: the router itself."""

_PORT = re.compile(r"(?:ether|combo|sfp|sfp-sfpplus|sfpplus|sfp28-|qsfp28-|qsfpplus)[0-9]+(?:-[0-9]+)?")
_RESERVED = {BRIDGE: "the router's bridge", "all": "RouterOS' word for every interface", "none": "a list of RouterOS'"}


def check_routeros(network: Network, findings: Findings) -> None:
    """``routeros-cannot``, ``routeros-not-yet``, ``routeros-port``, ``zone-without-vlan``, ``isolation-mixed`` and
    ``interface-clash``; nothing where the router runs Linux."""
    router = network.router
    if not router.routeros:
        return
    _check_ports(network, findings)
    _check_zones(network, findings)
    _check_isolation(network, findings)
    _check_names(network, findings)
    _check_options(network, findings)
    _not_yet(network, findings)


def _check_ports(network: Network, findings: Findings) -> None:
    named = [(port.name, port.span, port.mac or port.path) for port in network.router.ports]
    named += [(one.port, one.span, one.mac) for one in network.uplinks.values() if not one.tunnel]
    for name, span, bound in named:
        if not _PORT.fullmatch(name):
            findings.error(
                "routeros-port",
                f"`{name}` is no port of a MikroTik.",
                span,
                "name it as the device does (`/interface ethernet print`): `ether1`, `sfp-sfpplus1`",
            )
        if bound:
            findings.error(
                "routeros-cannot",
                f"Port `{name}` is bound to a card, and a MikroTik's ports have the names that stand on its case.",
                span,
                "remove `mac:` and `path:`",
            )


def _check_zones(network: Network, findings: Findings) -> None:
    for zone in network.zones.values():
        on = [port for port in network.router.ports if zone.name in carried(port)]
        alone = len(on) == 1 and carried(on[0]) == {zone.name} and on[0].untagged == zone.name
        if zone.vlan is None and not alone and not findings.failed("zone-without-vlan"):
            findings.error(
                "zone-without-vlan",
                f"Zone `{zone.name}` is on the router's bridge, and has no VLAN id.",
                zone.span,
                f"add `vlan:` to zone `{zone.name}`, or give it one port that carries nothing else",
            )


def _check_isolation(network: Network, findings: Findings) -> None:
    """Split horizon parts whole ports: two that both carry an isolated zone may share no other."""
    isolating = isolated_ports(network)
    for index, port in enumerate(isolating):
        for other in isolating[:index]:
            shared = sorted(z for z in carried(port) & carried(other) if not network.zones[z].isolate)
            if shared:
                findings.error(
                    "isolation-mixed",
                    f"Ports `{other.name}` and `{port.name}` both carry an isolated zone and zone `{shared[0]}`, "
                    "which would be cut in two with it.",
                    port.span,
                    "lead isolated zones over one port, or over ports of their own",
                    [(other.span, f"port `{other.name}`")],
                )
                return


def _check_names(network: Network, findings: Findings) -> None:
    for zone in network.zones.values():
        if zone.name in _RESERVED or _PORT.fullmatch(zone.name):
            what = _RESERVED.get(zone.name, "what MikroTik calls a port")
            findings.error(
                "interface-clash",
                f"Zone `{zone.name}` would get an interface of that name, which is {what}.",
                zone.span,
                "call the zone something else",
            )


def _check_options(network: Network, findings: Findings) -> None:
    """In the place of 0.0.0.0 among addresses dnsmasq sends the address that the client asks (rfc2131.c, do_opt)."""
    for zone in network.zones.values():
        if zone.dhcp is None:
            continue
        for number, parts in network.options(zone).items():
            if NOBODY in parts and form(number, parts) is Form.ADDRESSES:
                findings.error(
                    "routeros-cannot",
                    f"DHCP option {number} in zone `{zone.name}` has 0.0.0.0 in it, which RouterOS does not replace.",
                    zone.dhcp.span,
                    f"write the router's address there, {zone.gateway}",
                )


def _not_yet(network: Network, findings: Findings) -> None:
    router, resolver = network.router, network.resolver
    if router.guest is not None:
        findings.error(
            "routeros-not-yet", "A router that runs RouterOS cannot be a guest yet.", router.guest.span, "remove it"
        )
    if resolver.address is None and resolver.rebind_protection:
        findings.error(
            "routeros-cannot",
            "RouterOS' resolver lets private addresses in answers from the world pass.",
            resolver.span,
            "let a host serve DNS (`serves: dns`), or write `dns: {rebind-protection: no}` and live with it",
        )
    for route in network.routes_out:
        if not resolver.upstreams:
            findings.error(
                "dns-upstreams",
                f"`{route.name}` leaves by an uplink of its own, and there its DNS queries are led to nobody.",
                route.span,
                "name a resolver of the public internet, as `dns: {upstreams: [9.9.9.9]}`",
            )
    carrying = {port.name: port for port in router.ports if any(network.zones[z].vlan for z in carried(port))}
    for uplink in network.uplinks.values():
        if not uplink.tunnel and uplink.port in carrying:
            findings.error(
                "routeros-not-yet",
                f"`{uplink.name}` comes by a port of the bridge, which takes its frames before the uplink sees them.",
                uplink.span,
                "give the uplink a port of its own",
                [(carrying[uplink.port].span, "the zones there")],
            )
    for number, uplink in enumerate(network.exits()):
        if number > 0 or network.beyond(uplink.id):
            _lease(network, findings, uplink)


def _lease(network: Network, findings: Findings, uplink: Uplink) -> None:
    """One of several uplinks may have a table of its own, with a default route that its lease must be put into."""
    minor = int(network.router.platform.rpartition(".")[2])
    if uplink.addressing is Addressing.DHCP and minor < TABLES_OF_A_LEASE:
        findings.error(
            "routeros-cannot",
            f"`{uplink.name}` asks for its address, and before RouterOS 7.18 a lease's route goes into one table.",
            uplink.span,
            "upgrade the router and say so (`platform:`), or give the uplink a static address",
        )
