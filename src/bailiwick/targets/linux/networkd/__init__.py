"""systemd-networkd: the router's interfaces, their addresses, and the routes that hang on them."""

from __future__ import annotations

from bailiwick.plan.model import Plan
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.linux.networkd.daemon import daemon
from bailiwick.targets.linux.networkd.link import link
from bailiwick.targets.linux.networkd.netdev import netdev
from bailiwick.targets.linux.networkd.network import Wiring, network

__all__ = ["networkd"]


def networkd(plan: Plan) -> tuple[Artifact, ...]:
    """One ``.network`` for each interface, and a ``.link`` and ``.netdev`` where one is needed."""
    wiring = Wiring.of(plan)
    files: list[Artifact] = [daemon(plan)]
    for interface in plan.interfaces:
        files.append(network(interface, wiring, plan.router))
        files.extend(link(interface, plan.router))
        files.extend(netdev(interface, wiring, plan.router))
    return tuple(files)
