"""The words of ``try --scene``: which host is no longer its owner's."""

from __future__ import annotations

import click

from bailiwick.language.guess import did_you_mean
from bailiwick.network.model import Network

OWNED = "-owned"


def owned_host(scene: str, network: Network) -> str:
    """The host that ``HOST-owned`` names, or the first one of the zone that ``ZONE-owned`` names.

    Raises UsageError for anything else, and for a zone in which no host has a name.
    """
    name = scene.removesuffix(OWNED)
    if name == scene:
        raise click.UsageError(f"There is no scene {scene}. A scene is a host or a zone and {OWNED}: dmz{OWNED}.")
    if name in network.hosts:
        return name
    zone = network.zones.get(name)
    if zone is None:
        guess = did_you_mean(name, (*network.hosts, *network.zones))
        raise click.UsageError(f"There is no host and no zone {name}" + (f"; {guess}" if guess else "."))
    for host in network.hosts.values():
        if any(leg.place == zone.id for leg in host.legs):
            return host.name
    raise click.UsageError(f"No host of the zone {name} has a name.")
