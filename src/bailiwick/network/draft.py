"""A home on its way to a network: its text, and the nouns resolved so far, each stage adding its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bailiwick.language import schema
from bailiwick.language.sentence import Name
from bailiwick.network.findings import Findings
from bailiwick.network.model import Device, Host, Uplink, Zone
from bailiwick.network.names import Names


@dataclass(slots=True)
class Draft:
    """What failed is missing from the nouns, and has been said; ``names`` still knows it, so nothing is said twice."""

    home: schema.Home
    lists: Mapping[str, tuple[Name, ...]]
    findings: Findings
    names: Names
    router: str  # the router's name
    zones: dict[str, Zone] = field(default_factory=dict)
    uplinks: dict[str, Uplink] = field(default_factory=dict)
    hosts: dict[str, Host] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)

    def ordered(self, zones: frozenset[str]) -> tuple[str, ...]:
        """Those of the names that are resolved zones, in the file's order."""
        return tuple(zone for zone in self.zones if zone in zones)
