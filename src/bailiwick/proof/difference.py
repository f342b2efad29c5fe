"""One thing in which what is written differs from what was meant, with a packet that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bailiwick.dataplane.tally import Line
from bailiwick.language.span import Span
from bailiwick.packets.packet import Packet


class Kind(StrEnum):
    MORE = "more"
    """It passes, and nothing in the home file asks for it."""
    LESS = "less"
    """The home file accepts it, and it is not let through."""
    WAY = "way"
    """It leaves by another way than was meant, or by none."""
    DOOR = "door"
    """An address translation is missing, leads elsewhere, or takes what nobody meant."""
    MASK = "mask"
    """A source is left, or changed, that should not be."""
    REPLY = "reply"
    """Answers of accepted connections do not pass, or packets of no connection do."""
    PLACE = "place"
    """A zone or an uplink that no interface stands for, or that two do."""
    WIRE = "wire"
    """A VLAN ends in another zone than was meant."""
    SETTING = "setting"
    """A setting of the kernel, or a service, without which the rest does not hold."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A line of the home file that speaks of the packet."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """``packet`` is the one that tells the two apart, as the filter sees it, and ``sent_to`` where it was aimed when
    a door took it elsewhere. ``line`` is the written line that decided. ``meant`` are the lines of the home file that
    ask for it, or that forbid it; empty: nothing speaks of it.
    """

    kind: Kind
    sentence: str
    packet: Packet | None = None
    line: Line | None = None
    meant: tuple[Meaning, ...] = ()
    sent_to: str = ""
    certain: bool = True
    """False where a packet walked alone does not settle it: it hangs on what could not be read, or on what is up."""
