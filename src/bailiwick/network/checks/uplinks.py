"""Uplinks' own addresses: usable, and on the other side of the router from every zone."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from bailiwick.language.span import Path
from bailiwick.network.findings import Findings
from bailiwick.network.model import Addressing, Network, Uplink


def check_uplinks(network: Network, findings: Findings) -> None:
    """``uplink-collides``, ``uplink-gateway``, ``address-unusable``, ``modem-below``."""
    for uplink in network.uplinks.values():
        key: tuple[str, ...] = ("address",)
        if uplink.tunnel:
            key = ("wireguard" if uplink.wireguard else "tunnel", *key)
        sides: list[tuple[str, IPv4Network | IPv4Address | None, tuple[str, ...]]] = [
            ("subnet", uplink.address.network if uplink.address else None, key),
            ("modem", uplink.modem, ("modem",)),
        ]
        for what, value, where in sides:
            if value is not None:
                _check_apart(
                    network,
                    f"The {what} {value} of uplink `{uplink.name}`",
                    value,
                    findings,
                    ("uplinks", uplink.name, *where),
                )
        if uplink.addressing is Addressing.STATIC:
            _check_static(uplink, findings)
        if uplink.addressing is Addressing.PPPOE and uplink.modem is not None:
            findings.error(
                "modem-below",
                f"{uplink.modem} cannot be met through `{uplink.name}`: the modem's page is on the Ethernet under the "
                "PPPoE session, where the router has no address.",
                ("uplinks", uplink.name, "modem"),
                "remove `modem`; where the page is needed, lead a second cable from the modem to a zone of its own",
            )


def _check_apart(network: Network, what: str, value: IPv4Network | IPv4Address, findings: Findings, at: Path) -> None:
    outer = value if isinstance(value, IPv4Network) else IPv4Network(value)
    for zone in network.zones.values():
        if zone.subnet.overlaps(outer):
            findings.error(
                "uplink-collides",
                f"{what} lies in zone `{zone.name}` ({zone.subnet}): the same addresses on both sides of the router.",
                at,
                "give the zone another subnet; the provider's side is seldom yours to change",
                [(("zones", zone.name, "subnet"), f"zone `{zone.name}`")],
            )


def _check_static(uplink: Uplink, findings: Findings) -> None:
    if uplink.address is None or uplink.gateway is None:
        return
    subnet = uplink.address.network
    if subnet.prefixlen <= 30 and uplink.address.ip in {subnet.network_address, subnet.broadcast_address}:
        which = "network" if uplink.address.ip == subnet.network_address else "broadcast"
        findings.error(
            "address-unusable",
            f"{uplink.address.ip} is the {which} address of {subnet}.",
            ("uplinks", uplink.name, "address"),
        )
    if uplink.gateway not in subnet or uplink.gateway == uplink.address.ip:
        findings.error(
            "uplink-gateway",
            f"The gateway {uplink.gateway} is not another address of {subnet}.",
            ("uplinks", uplink.name, "gateway"),
            "write the provider's router, on the uplink's own subnet",
        )
