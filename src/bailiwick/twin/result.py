"""What the twin saw: the packets it sent, what became of them, and what that says about each claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address

from bailiwick.claims.claim import Claim, Evidence
from bailiwick.dataplane.tally import Line
from bailiwick.language.span import Span
from bailiwick.packets.packet import Packet
from bailiwick.twin.wire.headers import Frame
from bailiwick.twin.wire.recorder import Recorded


class Fate(StrEnum):
    """What became of one packet."""

    ARRIVED = "arrived"
    """It was seen where it was sent to: at the host, at the router's own sockets, beyond the uplink."""
    DROPPED = "dropped"
    """It was seen to enter the router, and nowhere after that."""
    REFUSED = "refused"
    """Dropped, and the sender was told (ICMP "administratively prohibited")."""
    STRAYED = "strayed"
    """It was seen somewhere it was not sent to."""
    LOST = "lost"
    """It was not even seen to enter the router: nothing was learnt."""


def agree(expected: Fate, seen: Fate) -> bool:
    """A refusal may go untold: the kernel limits how often it tells (``icmp_ratelimit``, icmp(7))."""
    return expected is seen or (expected is Fate.REFUSED and seen is Fate.DROPPED)


class Wrong(StrEnum):
    """In what a packet that strayed is not as it was meant."""

    NOTHING = ""
    PLACE = "place"
    DESTINATION = "destination"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing the stage would like from this machine. ``note`` says what was done where it is missing."""

    name: str  # "802.1Q", "pppoe", "user namespaces"
    present: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """One packet sent, and its fate beside the one that was meant.

    ``packet`` is as the router's filter should see it (after destination NAT); ``sent_to`` is the address and port
    on the wire when a translation stands between the two. ``row`` and ``column`` are places as in
    ``claims.matrix.Matrix``. ``claims`` are the ids of the sentences that accept it, empty for a packet that no
    sentence accepts. ``detail`` is one plain sentence on where it was seen, or why not.
    """

    packet: Packet
    row: str
    column: str
    expected: Fate
    seen: Fate
    detail: str = ""
    claims: tuple[str, ...] = ()
    sent_to: str = ""
    serial: int = 0
    """Of its probe; 0 for one made up."""
    station: str = ""
    """Who sent it."""
    places: tuple[str, ...] = ()
    """Where it was seen to come out."""
    wrong: Wrong = Wrong.NOTHING

    @property
    def agrees(self) -> bool:
        """Whether what was seen is what was meant."""
        return agree(self.expected, self.seen)

    @property
    def differs(self) -> bool:
        """Contrary to what was meant; a lost packet says nothing either way."""
        return not self.agrees and self.seen is not Fate.LOST


@dataclass(frozen=True, slots=True)
class Check:
    """One behaviour that is no single packet: a lease, a DNS answer, a connection, a file loaded.

    ``holds`` None is inconclusive. ``subject`` says what was asked ("DNS printer.lan from
    lan"), ``expected`` and ``seen`` are short texts.
    """

    subject: str
    expected: str
    seen: str
    holds: bool | None

    @property
    def differs(self) -> bool:
        return self.holds is False


@dataclass(frozen=True, slots=True)
class Decision:
    """Which rule the written files foretell for one packet, and which one the kernel took (nft trace).

    Every rule that the packet met is compared; the words name the one that decided, or the first in which the two
    part. ``agrees`` None is inconclusive.
    """

    packet: Packet
    foretold: str
    took: str
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class Lease:
    """What a DHCP client in a zone was given."""

    zone: str
    mac: str
    address: IPv4Address | None
    router: IPv4Address | None
    resolver: IPv4Address | None
    domain: str
    holds: bool
    """The address is in the pool, or the one reserved for this card, and the options are as declared."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One thing that a rendered file asks for, read back from the running system.

    ``place`` is the file and line that asks for it; ``found`` None means that it could not be read back.
    """

    subject: str  # "nftables chain filter-forward, rule 12", "sysctl net/ipv4/ip_forward"
    place: str
    found: bool | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Followed:
    """One packet sent once more. ``foretold`` and ``took`` are the rule that the files foretell and the kernel's;
    ``lines`` are the rendered lines to look at, the likeliest first, and ``why`` says what is with them."""

    serial: int
    station: str
    foretold: str = ""
    took: str = ""
    agrees: bool | None = None
    lines: tuple[Line, ...] = ()
    why: str = ""
    frames: tuple[Recorded, ...] = ()


@dataclass(frozen=True, slots=True)
class Refutation:
    """One claim that a packet refutes. ``asked`` are the home file's lines: the claim's own, then those for which the
    rendered ``lines`` were written."""

    claim: Claim
    observation: Observation
    asked: tuple[Span, ...]
    lines: tuple[Line, ...]
    why: str
    foretold: str
    took: str
    station: str
    frames: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class TwinResult:
    """Everything the twin has to say. ``seconds`` is wall time, per stage, in order, ending with ``total``."""

    capabilities: tuple[Capability, ...]
    observations: tuple[Observation, ...]
    checks: tuple[Check, ...]
    evidence: tuple[Evidence, ...]
    leases: tuple[Lease, ...]
    loaded: tuple[Loaded, ...]
    seconds: Sequence[tuple[str, float]]
    decisions: tuple[Decision, ...] = ()
    captured: tuple[Frame, ...] = ()
    """What came by where the options say to listen."""
    refutations: tuple[Refutation, ...] = ()
    stage: str = ""
    """Where it took place: which kind of stage, and which kernel."""

    @property
    def differences(self) -> tuple[Observation, ...]:
        """Packets whose fate was not the one meant, in the order sent."""
        return tuple(o for o in self.observations if o.differs)

    @property
    def holds(self) -> bool:
        """Nothing that was seen is contrary to what was meant, and everything rendered was loaded."""
        return not (
            self.differences
            or any(check.differs for check in self.checks)
            or any(not lease.holds for lease in self.leases)
            or any(entry.found is False for entry in self.loaded)
        )

    @property
    def untried(self) -> tuple[Capability, ...]:
        """What this machine lacks, so that claims hanging on it are inconclusive."""
        return tuple(c for c in self.capabilities if not c.present)
