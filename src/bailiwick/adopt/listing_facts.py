"""What the listings of a Linux router tell beside packets: the lines that nobody could read."""

from __future__ import annotations

from collections.abc import Iterable

from bailiwick.adopt.facts import Facts, Left
from bailiwick.dataplane.tally import Tally


def listing_facts(tallies: Iterable[Tally]) -> Facts:
    """Leases and names are in no listing; of the lines, those that were not understood are left over."""
    left = [Left("policy", line.number, line.text, why) for tally in tallies for line, why in tally.unknown]
    return Facts(left=tuple(left))
