"""What layer 2 is meant to be, from the network alone: which zone each end of it belongs to.

A zone is one segment: what is sent untagged at one of its ends is heard at its other ends and nowhere else. The
ends are the places where something that knows no tag is attached. How the frames get from one to the other (tags,
trunks, bridges) is nobody's intent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bailiwick.language.span import Span
from bailiwick.network.cards import leg_cards
from bailiwick.network.model import Network, Router, Switch


@dataclass(frozen=True, slots=True)
class Belonging:
    """The untagged frames of one end belong to ``zone``, and nothing outside of the zone may hear them.

    ``machine`` and ``port`` say which end:

    - the router and ``""``: its gateway address in the zone, whatever interface has it; once for each zone;
    - a switch or hypervisor and ``""``: its own address, where it is managed;
    - the router, a switch or a hypervisor and a port's name: whatever is plugged in there and sends no tag;
    - a guest and its card's name (see ``network.cards``): a tap of its hypervisor, or a card passed through whose
      cable the home file names.

    ``zone`` is the zone's name, not its id. ``isolated``: the zone isolates its clients, so this end is to be heard
    by the router and by nobody else, and to hear nobody else; never true for the router's own address. ``why`` is
    the line of the home file that puts the end there.
    """

    zone: str
    machine: str
    port: str
    why: Span
    isolated: bool = False


def belongings(network: Network) -> tuple[Belonging, ...]:
    """Every end, sorted by machine, port and zone. Empty for a home where nothing but the router is configured."""
    if not network.switches:
        return ()
    return tuple(sorted(_ends(network), key=lambda end: (end.machine, end.port, end.zone)))


def _ends(network: Network) -> Iterator[Belonging]:
    zones = network.zones
    for zone in zones.values():
        yield Belonging(zone.name, network.router.name, "", zone.span)
    for switch in network.switches.values():
        if switch.zone is not None:
            yield Belonging(switch.zone, switch.name, "", switch.span, zones[switch.zone].isolate)
    machines: tuple[Router | Switch, ...] = (network.router, *network.switches.values())
    for machine in machines:
        for port in machine.ports:
            if port.untagged is not None and not _is_tap(network, machine.name, port.name):
                isolated = zones[port.untagged].isolate and not _faces_router(network, machine.name, port.name)
                yield Belonging(port.untagged, machine.name, port.name, port.span, isolated)
    cabled = {end for link in network.links for end in (link.a, link.b)}
    for host in network.hosts.values():
        if host.guest is not None:
            for place, card in leg_cards(host).items():
                if card in host.guest.cards and (host.name, card) not in cabled:
                    continue
                zone = zones[place.removeprefix("zone:")]
                yield Belonging(zone.name, host.name, card, host.span, zone.isolate)


def _is_tap(network: Network, machine: str, port: str) -> bool:
    """Whether the port is one of a router VM's that nothing can be plugged into."""
    guest = network.router.guest
    return machine == network.router.name and guest is not None and port not in guest.cards


def _faces_router(network: Network, machine: str, port: str) -> bool:
    """Whether the cable leads towards the router: what is isolated is still to hear that one."""
    return any(link.b == (machine, port) for link in network.links)
