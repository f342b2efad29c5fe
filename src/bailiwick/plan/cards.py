"""Guests' network cards: what each is called in the guest, which tap stands for it, and its hardware address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv4Interface

from bailiwick.network.cards import MIRROR_CARD, ONLY_CARD, leg_cards
from bailiwick.network.model import Guest, Host, Network, Passthrough, RouterPort, Switch
from bailiwick.plan.ids import interface_name


@dataclass(frozen=True, slots=True)
class Slot:
    """A card before it has a tap. ``untagged`` and ``tagged`` are zone names; ``copies`` the ports that it hears."""

    guest: str
    name: str
    untagged: str | None = None
    tagged: tuple[str, ...] = ()
    mac: str | None = None
    passthrough: Passthrough | None = None
    address: str = ""
    copies: tuple[str, ...] = ()


def slots(network: Network, hypervisor: str) -> tuple[Slot, ...]:
    """Every card of every guest of one hypervisor: guests by name, each guest's cards in the order of its legs."""
    found: dict[str, tuple[Slot, ...]] = {}
    router = network.router
    if router.guest is not None and router.guest.hypervisor == hypervisor:
        found[router.name] = tuple(_router_slots(network, router.guest))
    for host in network.hosts.values():
        if host.guest is not None and host.guest.hypervisor == hypervisor:
            found[host.name] = tuple(_host_slots(network, host, host.guest))
    return tuple(slot for name in sorted(found) for slot in found[name])


def tap_names(network: Network, switch: Switch) -> Mapping[tuple[str, str], str]:
    """(guest, card) to its tap: ``tap-cloud``, or ``tap-gate-eth1`` where a guest has several; at most 15 bytes."""
    taken = {switch.bridge, switch.zone or "", *(port.name for port in switch.ports)}
    every = slots(network, switch.name)
    names: dict[tuple[str, str], str] = {}
    for slot in every:
        if slot.passthrough is None:
            alone = slot.name == ONLY_CARD and slot.guest != network.router.name
            wanted = f"tap-{slot.guest}" if alone else f"tap-{slot.guest}-{slot.name}"
            tap = interface_name(wanted, taken, f"tap:{slot.guest}/{slot.name}")
            taken.add(tap)
            names[slot.guest, slot.name] = tap
    return names


def made_mac(home: str, guest: str, card: str) -> str:
    """A locally administered unicast address (IEEE 802 §8.2) that follows from the names alone."""
    octets = sha256(f"{home}/{guest}/{card}".encode()).digest()[:5]
    return ":".join(("02", *(f"{octet:02x}" for octet in octets)))


def router_card_mac(network: Network, port: RouterPort) -> str | None:
    """Of a port of a router that is a guest: said, or made for a tap. A card passed through has its own."""
    guest = network.router.guest
    if port.mac is not None or guest is None or port.name in guest.cards:
        return port.mac
    return made_mac(network.name, network.router.name, port.name)


def _router_slots(network: Network, guest: Guest) -> list[Slot]:
    cards = dict(guest.cards)
    found = []
    for port in network.router.ports:
        passed = cards.pop(port.name, None)
        mac = router_card_mac(network, port)
        tagged = () if passed else port.tagged
        found.append(Slot(network.router.name, port.name, None if passed else port.untagged, tagged, mac, passed))
    for uplink in network.uplinks.values():
        if uplink.port in cards:
            passed = cards.pop(uplink.port)
            found.append(Slot(network.router.name, uplink.port, mac=uplink.mac, passthrough=passed))
    found += [Slot(network.router.name, name, passthrough=passed) for name, passed in sorted(cards.items())]
    return found


def _host_slots(network: Network, host: Host, guest: Guest) -> list[Slot]:
    cards = dict(guest.cards)
    names = leg_cards(host)
    found = []
    for leg in host.legs:
        if leg.place not in names:
            continue
        name, zone = names[leg.place], network.zones[leg.place.removeprefix("zone:")]
        passed = cards.pop(name, None)
        address = "" if leg.reserved else str(IPv4Interface((leg.address, zone.subnet.prefixlen)))
        mac = leg.mac or (None if passed else made_mac(network.name, host.name, name))
        found.append(Slot(host.name, name, None if passed else zone.name, (), mac, passed, address))
    if host.hears:
        mac = made_mac(network.name, host.name, MIRROR_CARD)
        found.append(Slot(host.name, MIRROR_CARD, mac=mac, copies=host.hears))
    listening = host.listens_on[1] if host.listens_on else ""
    found += [
        Slot(host.name, name, passthrough=passed, copies=(name,) if name == listening else ())
        for name, passed in sorted(cards.items())
    ]
    return found
