"""What happened to one packet: the rules that it met, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bailiwick.dataplane.interpreter.packet import Address, Connection, Header
from bailiwick.dataplane.rules import Rule
from bailiwick.dataplane.tally import Line


class End(StrEnum):
    ACCEPT = "accept"
    DROP = "drop"
    REJECT = "reject"
    UNROUTABLE = "unroutable"
    """No route, or a source that the device takes from nobody there (martian, rp_filter)."""
    UNKNOWN = "unknown"
    """It hangs on something that nobody here knows."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that the packet met, or the policy of a base chain (``rule`` None).

    ``matched``: every step of the rule was carried out; ``deed`` says what it did, or which test it failed.
    """

    hook: str
    table: str
    chain: str
    rule: Rule | None
    matched: bool
    deed: str
    line: Line | None = None
    at: int = -1
    """The rule's place in its chain, from 0; -1 for a policy."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The way of one packet through one device.

    ``decided`` is the line that settled the end: the rule or policy that dropped it; where it was accepted, the last
    rule of a filter chain at input, forward or output that said so, else the last such policy. None: nothing filters.
    ``left`` is the packet as it leaves by ``egress``, or as a service of the device gets it (``local``).
    """

    packet: Header
    end: End
    steps: tuple[Step, ...]
    left: Header
    egress: str | None = None
    local: bool = False
    decided: Line | None = None
    by: Step | None = None
    connection: Connection | None = None
    reason: str = ""
    fasttracked: bool = False
    scrambled: frozenset[str] = frozenset()
    """Fields of ``left`` that may be anything in truth."""
    gateway: Address | None = None
    """To whom it is handed on; None: to its destination itself."""

    @property
    def accepted(self) -> bool:
        return self.end is End.ACCEPT

    @property
    def matched(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.matched)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Every way that a packet may go. ``complete`` is False where there were more than the bound."""

    walks: tuple[Walk, ...] = field(default=())
    complete: bool = True

    def certainly(self, end: End) -> bool:
        return self.complete and bool(self.walks) and all(walk.end is end for walk in self.walks)

    def possibly(self, end: End) -> bool:
        return not self.complete or any(walk.end in (end, End.UNKNOWN) for walk in self.walks)
