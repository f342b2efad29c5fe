"""Guests: each card of the machine with one of them, each tap in a zone, each display on an address that is there."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from bailiwick.language.span import Path
from bailiwick.network.findings import Findings
from bailiwick.network.model import Guest, Network

LOOPBACK = IPv4Address("127.0.0.1")


def check_guests(network: Network, findings: Findings) -> None:
    """``card-twice``, ``guest-mac``, ``display-address``, ``guest-uplink``, ``tap-linked``."""
    for name, guest in _guests(network):
        _check_display(network, name, guest, findings)
    _check_cards(network, findings)
    _check_macs(network, findings)
    _check_cables(network, findings)
    _check_router(network, findings)


def _guests(network: Network) -> Iterator[tuple[str, Guest]]:
    if network.router.guest:
        yield network.router.name, network.router.guest
    for host in network.hosts.values():
        if host.guest:
            yield host.name, host.guest


def _check_display(network: Network, name: str, guest: Guest, findings: Findings) -> None:
    hypervisor = network.switches.get(guest.hypervisor)
    own = hypervisor.address if hypervisor else None
    if guest.listen is None or guest.listen.is_unspecified or guest.listen.is_loopback or guest.listen == own:
        return
    findings.error(
        "display-address",
        f"{guest.listen} is no address of `{guest.hypervisor}`, where the display of `{name}` is to be reached.",
        ("hosts", name, "vm", "listen"),
        f"write {own}, or leave the line out (loopback)" if own else "leave the line out (loopback)",
    )


def _check_cards(network: Network, findings: Findings) -> None:
    """One card for one guest; and none that the hypervisor's own bridge has."""
    taken: dict[tuple[str, str, str], tuple[str, Path]] = {}
    for switch in network.switches.values():
        for port in switch.ports:
            bus, _, address = (port.path or "").partition("-")
            if bus == "pci":
                at = ("hosts", switch.name, "ports", port.name, "path")
                taken[switch.name, bus, address] = (f"port `{port.name}` of `{switch.name}`", at)
    for name, guest in _guests(network):
        for port_name, card in guest.cards.items():
            at = ("hosts", name, "vm", "cards", port_name)
            first = taken.setdefault((guest.hypervisor, card.bus, card.address), (f"`{name}`", at))
            if first[1] != at:
                findings.error(
                    "card-twice",
                    f"Card {card.bus} {card.address} of `{guest.hypervisor}` is given to {first[0]} and to `{name}`.",
                    at,
                    "a card passed through is one guest's alone, and no port of the bridge",
                    [(first[1], "the first")],
                )


def _check_macs(network: Network, findings: Findings) -> None:
    """A guest finds out by the address which of its cards is which, so that each has its own."""
    for host in network.hosts.values():
        macs = [leg.mac for leg in host.legs if leg.mac]
        if host.guest and len(set(macs)) < len(macs):
            findings.error(
                "guest-mac",
                f"Guest `{host.name}` has one hardware address on several cards.",
                host.span,
                "give each leg its own `mac`, or none: then one is made up for each",
            )


def _check_cables(network: Network, findings: Findings) -> None:
    for link in network.links:
        for name, port in (link.a, link.b):
            host = network.hosts.get(name)
            if host is not None and host.guest is not None and port not in host.guest.cards:
                findings.error(
                    "tap-linked",
                    f"`{name}` is a guest of `{host.guest.hypervisor}`, and its `{port}` no card of its own: no cable "
                    "can be in it.",
                    link.span,
                    "remove the link: the guest is in its zone by its hypervisor's bridge; or pass a card through",
                    [(host.guest.span, "the guest")],
                )


def _check_router(network: Network, findings: Findings) -> None:
    router = network.router
    if router.guest is None:
        return
    linked = {end for link in network.links for end in (link.a, link.b)}
    for uplink in network.uplinks.values():
        if not uplink.tunnel and uplink.port not in router.guest.cards:
            findings.error(
                "guest-uplink",
                f"The router is a guest of `{router.guest.hypervisor}`, and uplink `{uplink.name}` has no card of it: "
                "the outside is not led over the bridge of the zones.",
                ("uplinks", uplink.name, "interface"),
                f"pass a card through, as `vm: {{cards: {{{uplink.port}: pci 0000:03:00.0}}}}` (or `usb 0b95:1790`)",
                [(router.guest.span, "the guest")],
            )
    for port in router.ports:
        if port.name not in router.guest.cards and (router.name, port.name) in linked:
            findings.error(
                "tap-linked",
                f"Port `{port.name}` of the router is a tap of `{router.guest.hypervisor}`: no cable can be in it.",
                port.span,
                f"link a port of `{router.guest.hypervisor}` instead, and name the tap's zones here",
                [(router.guest.span, "the guest")],
            )
