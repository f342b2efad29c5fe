"""What must be so for a generation to be any good, as the device itself can ask it.

That the owner still gets in is not among them: only a new connection shows it, and whoever confirms brings one. A
probe that hangs on a provider or on a cable is told when it fails, and takes nothing back by itself: a line that is
down while the home file is changed would otherwise forbid every change.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.agent.model import Probe
from bailiwick.network.model import Network, Place
from bailiwick.plan.model import LinkKind, Plan
from bailiwick.targets.artifact import Tree

DIALS = "bailiwick-pppoe-"
"""Units that are active once a provider has answered."""


def probes(network: Network, plan: Plan, tree: Tree) -> tuple[Probe, ...]:
    """Of one device: its units, and what the router owes to its zones."""
    own = [Probe("unit", unit, must=not unit.startswith(DIALS)) for unit in tree.enable]
    return (*own, *(_router(network, plan) if tree.device == network.router.name else ()))


def _router(network: Network, plan: Plan) -> Iterator[Probe]:
    """Its addresses in the zones, its resolver, and a way out."""
    zones = [one for one in plan.interfaces if one.place and one.place.startswith("zone:") and one.address]
    for interface in zones:
        yield Probe("address", interface.name, str(interface.address), must=not interface.foreign)
    name = next(iter(network.resolver.records), None)
    if network.resolver.place == Place.ROUTER and name is not None and zones:
        yield Probe("resolves", name, str(zones[0].address.ip if zones[0].address else ""))
    ways = [one for one in plan.interfaces if one.metric is not None and one.kind is not LinkKind.TUNNEL]
    if ways:
        yield Probe("uplink", min(ways, key=lambda one: one.metric or 0).name, must=False)
