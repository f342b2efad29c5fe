"""What the rules and listings of a Linux router tell beside packets: its sets, and the lines that nobody could read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bailiwick.adopt.facts import Entry, Facts, Left
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.rules import Lookup
from bailiwick.dataplane.tally import Tally
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet

_ENDS = (header.SOURCE, header.DESTINATION)
_ANONYMOUS = "__"
"""What nft calls sets that have no name begins so."""


def listing_facts(device: Device, tallies: Iterable[Tally]) -> Facts:
    """Leases and names are in no listing; of the lines, those that were not understood are left over."""
    left = [Left("policy", line.number, line.text, why) for tally in tallies for line, why in tally.unknown]
    return Facts(lists=dict(_sets(device)), left=tuple(left))


def _sets(device: Device) -> Iterator[tuple[str, tuple[Entry, ...]]]:
    """Sets of IPv4 addresses that a rule asks for by name."""
    rules = (
        rule
        for table in device.tables
        if table.family in ("ip", "inet")
        for chain in table.chains.values()
        for rule in chain.rules
    )
    for rule in rules:
        for step in rule.steps:
            if not isinstance(step, Lookup) or not step.name or step.name.startswith(_ANONYMOUS):
                continue
            if len(step.keys) == 1 and step.keys[0].field in _ENDS and step.keys[0].mask is None:
                values = IntervalSet.union(side for (side,) in step.entries if isinstance(side, IntervalSet))
                yield step.name, tuple(Entry(IntervalSet.of([span])) for span in values.spans)
