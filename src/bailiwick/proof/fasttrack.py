"""What passes by the rules: only where the home says so, and only where no rule chooses another way for it.

A fast-tracked packet meets no filter, no mangle and no table but the main one (MikroTik's manual, "Connection
tracking"). That its connection's packets are let through is what ``replies`` shows; here is the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.model import Device
from bailiwick.dataplane.rules import FastTrack, Rule, SetField
from bailiwick.network.model import Network
from bailiwick.packets import header
from bailiwick.proof.difference import Difference, Kind, Meaning

_USUAL = frozenset({"local", "main", "default"})


def passed_by(network: Network, device: Device) -> Iterator[Difference]:
    """One difference for each rule that fast-tracks and must not."""
    rules = [rule for table in device.tables for chain in table.chains.values() for rule in chain.rules]
    choosing = _choosing(device, rules)
    for rule in rules:
        if not any(isinstance(step, FastTrack) for step in rule.steps):
            continue
        if network.fasttrack is None:
            yield Difference(
                Kind.SETTING,
                "connections pass by the rules here, and the home file asks for none that do",
                line=rule.line,
            )
        for why in choosing:
            meant = (Meaning(network.fasttrack, "fasttrack"),) if network.fasttrack else ()
            yield Difference(
                Kind.WAY,
                f"what is fast-tracked here passes by what chooses its way: {why}",
                line=rule.line,
                meant=meant,
            )


def _choosing(device: Device, rules: list[Rule]) -> list[str]:
    """A rule of routing that looks elsewhere than in the usual tables, and a mark that is set, each said once."""
    found = []
    if any(one.table not in _USUAL or one.action != "lookup" for one in device.routing.rules):
        found.append("a rule of routing")
    marks = (header.MARK, header.CT_MARK)
    if any(isinstance(step, SetField) and step.field in marks for rule in rules for step in rule.steps):
        found.append("a mark")
    return found
