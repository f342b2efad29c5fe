"""A claim about the network, and the evidence that a witness brings for it.

Claims come from intent and from the home file's ``tests``; proof, twin and watch each answer with evidence
for the same claim, so that the three can be read side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bailiwick.language.span import Span
from bailiwick.packets.packet import Packet
from bailiwick.packets.space import PacketSet


class Verdict(StrEnum):
    ACCEPT = "accept"
    """Every packet of the set passes."""
    DENY = "deny"
    """No packet of the set passes."""


class Witness(StrEnum):
    PROOF = "proof"
    TWIN = "twin"
    WATCH = "watch"


class Outcome(StrEnum):
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"
    """The stage was not set: nothing was learnt, and nothing is called passed."""


@dataclass(frozen=True, slots=True)
class Claim:
    """``way`` is the uplink by which accepted packets leave, where that is part of the claim."""

    id: str
    span: Span
    text: str
    packets: PacketSet
    verdict: Verdict
    way: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one witness saw of one claim. ``packet`` is the one that decided, ``note`` one plain sentence."""

    claim: str
    witness: Witness
    outcome: Outcome
    packet: Packet | None = None
    note: str = ""
