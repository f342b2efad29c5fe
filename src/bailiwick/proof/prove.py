"""The one call: what was meant, and one router's files as they were read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bailiwick.dataplane.model import Device
from bailiwick.dataplane.symbolic.interfaces import Interfaces
from bailiwick.dataplane.symbolic.pipeline import Pipeline
from bailiwick.dataplane.tally import Tally
from bailiwick.intent import Intent
from bailiwick.packets import engine, header
from bailiwick.proof.backups import backups
from bailiwick.proof.bridged import bridged
from bailiwick.proof.cards import cards
from bailiwick.proof.difference import Difference
from bailiwick.proof.doors import Doors
from bailiwick.proof.fasttrack import passed_by
from bailiwick.proof.filters import Filters
from bailiwick.proof.handouts import handouts
from bailiwick.proof.loopback import to_itself
from bailiwick.proof.named_beyond import named_beyond
from bailiwick.proof.offered import offered
from bailiwick.proof.places import Places, find_places
from bailiwick.proof.refusals import refusals
from bailiwick.proof.replies import Replies
from bailiwick.proof.reporting import reported
from bailiwick.proof.scripted import scripted
from bailiwick.proof.settings import forwards, ipv6_is_off, unread
from bailiwick.proof.shortcuts import shortcuts
from bailiwick.proof.switches import router_mirrors
from bailiwick.proof.tunnels import tunnels
from bailiwick.proof.universe import Universe
from bailiwick.proof.ways import Ways
from bailiwick.proof.ways_out import ways_out
from bailiwick.proof.wires import wires

if TYPE_CHECKING:
    from bailiwick.proof.wired import Machines


@dataclass(frozen=True)
class Proof:
    """``differences``: none, and what is written does what was meant, for every packet.

    ``machines`` are the switches and hypervisors through which layer 2 was followed, for every frame.
    """

    places: Places
    filters: Filters
    differences: tuple[Difference, ...]
    tally: Tally
    machines: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.differences


def prove(intent: Intent, device: Device, pure: bool = False, others: Machines | None = None) -> Proof:
    """``device`` is the router, ``others`` what was read of the switches and hypervisors, where the home has any.

    ``pure`` takes the plain engine of packet sets, which is slower and as exact. Without ``others`` nothing is said of
    layer 2 beyond the router.
    """
    places = find_places(intent.network, device)
    interfaces = Interfaces.of(device, also=places.by_interface)
    pipeline = Pipeline(device, 4, interfaces, engine.space(header.widths(4), pure))
    universe = Universe(pipeline, places, intent.hosts)
    filters = Filters(intent, universe)
    found = [
        *places.problems,
        *(bridged if device.platform == "routeros" else wires)(intent.network, device, places),
        *cards(intent.network, device),
        *router_mirrors(intent.network, device),
        *tunnels(intent.network, device, places),
        *unread(device),
        *forwards(device),
        *scripted(intent.network, device),
        *passed_by(intent.network, device),
        *reported(intent.network, device),
        *handouts(intent.network, device, places),
        *offered(intent.network, device),
        *backups(intent.network, device),
        *to_itself(universe),
        *filters.differences(),
        *refusals(filters),
        *Doors(filters).differences(),
        *Replies(filters).differences(),
        *Ways(filters).differences(),
        *ways_out(intent.network, device, places),
        *named_beyond(intent.network, universe),
        *ipv6_is_off(device, interfaces, pure),
        *shortcuts(intent),
    ]
    tally = device.tally
    bridges = device.platform != "routeros" and any(one.master is not None for one in device.interfaces.values())
    if bridges and not intent.network.switches:
        from bailiwick.proof.crossing import crossings  # noqa: PLC0415 - of routers with bridges of their own alone

        found += crossings(intent.network, device)
    if others is not None:
        from bailiwick.proof.segments import segments  # noqa: PLC0415 - of homes with switches alone
        from bailiwick.proof.wired import Machines  # noqa: PLC0415

        name = intent.network.router.name
        found += segments(intent.network, places, Machines({**others.devices, name: device}, others.guests))
        tally = Tally.total((tally, *(one.tally for one in others.devices.values())))
    return Proof(places, filters, tuple(found), tally, tuple(others.devices) if others else ())
