"""Guests: what each virtual machine is given, with every card in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address

from bailiwick.network.model import Guest, Host, Network, Router
from bailiwick.plan.cards import Slot, slots, tap_names
from bailiwick.plan.guests import Card, GuestMachine

LOOPBACK = IPv4Address("127.0.0.1")


def guest_machines(network: Network) -> tuple[GuestMachine, ...]:
    """By name, the router among them where it is one."""
    return tuple(sorted(_machines(network), key=lambda guest: guest.name))


def _machines(network: Network) -> Iterator[GuestMachine]:
    router = network.router
    for switch in network.switches.values():
        if not switch.hypervisor:
            continue
        taps = tap_names(network, switch)
        by_guest: dict[str, list[Slot]] = {}
        for slot in slots(network, switch.name):
            by_guest.setdefault(slot.guest, []).append(slot)
        cards = {name: tuple(_cards(found, taps)) for name, found in by_guest.items()}
        if router.guest is not None and router.guest.hypervisor == switch.name:
            yield _machine(network, router.guest, router, cards[router.name], router.platform)
        for host in network.hosts.values():
            if host.guest is not None and host.guest.hypervisor == switch.name:
                yield _machine(network, host.guest, host, cards[host.name], switch.runs)


def _cards(found: Sequence[Slot], taps: Mapping[tuple[str, str], str]) -> Iterator[Card]:
    for slot in found:
        yield Card(
            name=slot.name,
            mac=slot.mac,
            tap="" if slot.passthrough else taps[slot.guest, slot.name],
            passthrough=slot.passthrough,
            address=slot.address,
            listens=bool(slot.copies),
        )


def _machine(
    network: Network, guest: Guest, owner: Host | Router, cards: tuple[Card, ...], platform: str
) -> GuestMachine:
    host = owner if isinstance(owner, Host) else None
    leg = next((leg for leg in host.legs if leg.place.startswith("zone:")), None) if host else None
    zone = network.zones[leg.place.removeprefix("zone:")] if leg else None
    return GuestMachine(
        id=f"guest:{owner.name}",
        name=owner.name,
        spans=tuple(sorted({owner.span, guest.span})),
        hypervisor=guest.hypervisor,
        platform=platform,
        router=host is None,
        cpus=guest.cpus,
        memory=guest.memory,
        disk=guest.disk,
        display=guest.display,
        listen=guest.listen or LOOPBACK,
        autostart=guest.autostart,
        cards=cards,
        address=next((card.address for card in cards if card.address), "") if host else "",
        gateway=zone.gateway if zone else None,
        resolver=(network.resolver.address or zone.gateway) if zone else None,
        timezone=network.timezone,
        domain=network.domain,
    )
