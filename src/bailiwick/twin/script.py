"""What goes onto the stage and what comes back: plain data, so that deciding stays outside and acting inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from bailiwick.network.model import Network
from bailiwick.packets.packet import Packet
from bailiwick.plan.model import Plan
from bailiwick.targets.artifact import Tree
from bailiwick.twin.aim.steps import Step
from bailiwick.twin.aim.visits import Visit
from bailiwick.twin.layout import Layout
from bailiwick.twin.options import TwinOptions
from bailiwick.twin.result import Capability, Check, Decision, Fate, Followed, Lease, Loaded
from bailiwick.twin.wire.headers import Frame


@dataclass(frozen=True, slots=True)
class Probe:
    """One packet to send and what is meant to become of it.

    It is put on the wire by ``station`` (the router's own packets by the router), towards ``destination`` and
    ``port`` as a person would aim it; ``packet`` is what the filter should make of that.
    """

    serial: int
    station: str
    packet: Packet
    destination: IPv4Address
    port: int
    expected: Fate
    row: str
    column: str
    claims: tuple[str, ...] = ()
    source_seen: IPv4Address | None = None  # what the target should see as the source; None: as it was sent
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where one probe was seen: station, source and destination address, port; and whether the sender was told."""

    entered: bool
    places: tuple[tuple[str, IPv4Address, IPv4Address, int], ...] = ()
    refused: bool = False
    error: str = ""  # what the kernel told the router when it tried to send

    @property
    def unseen(self) -> bool:
        """Nobody saw it, not even at the router's door: nothing was learnt."""
        return not (self.entered or self.places or self.refused)


@dataclass(frozen=True, slots=True)
class Script:
    network: Network
    plan: Plan
    tree: Tree
    layout: Layout
    probes: tuple[Probe, ...]
    options: TwinOptions
    visits: tuple[Visit, ...] = ()
    sample: tuple[int, ...] = ()
    """Serials of the probes whose deciding rules are looked at."""
    others: tuple[Tree, ...] = ()
    """Of switches and hypervisors."""
    scans: tuple[Probe, ...] = ()
    """What a scanner in each zone sends; ``expected`` is whether it may arrive."""
    steps: tuple[Step, ...] = ()
    """What an owned host reaches for."""


@dataclass(frozen=True, slots=True)
class Seen:
    sightings: Mapping[int, Sighting]
    later: tuple[Probe, ...] = ()  # sent beside the script's, while an exit was away
    checks: tuple[Check, ...] = ()
    leases: tuple[Lease, ...] = ()
    loaded: tuple[Loaded, ...] = ()
    capabilities: tuple[Capability, ...] = ()
    seconds: tuple[tuple[str, float], ...] = field(default_factory=tuple)
    decisions: tuple[Decision, ...] = ()
    captured: tuple[Frame, ...] = ()
    followed: tuple[Followed, ...] = ()
    stage: str = ""
    """What it was seen on, in words; of a machine, whoever started it says so in the end."""
