"""What a guest's network cards are called: the one thing about wiring that both ways need by name."""

from __future__ import annotations

from bailiwick.network.model import Host

ONLY_CARD = "eth0"
"""The card of a guest with one leg."""

MIRROR_CARD = "mirror"
"""The card on which a guest hears what a mirror copies; it has no address."""


def leg_cards(host: Host) -> dict[str, str]:
    """The place of each leg in a zone to its card's name: ``eth0``, or the zone's own name where there are several."""
    zones = [leg.place for leg in host.legs if leg.place.startswith("zone:")]
    if len(zones) == 1:
        return {zones[0]: ONLY_CARD}
    return {place: place.removeprefix("zone:") for place in zones}
