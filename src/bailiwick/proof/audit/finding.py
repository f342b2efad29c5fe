"""What stands out in a configuration, and what it is told from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from bailiwick.dataplane.tally import Line


class Severity(IntEnum):
    """The worst first."""

    HIGH = 0
    """Somebody outside, or a host that is meant to be shut in, gets where nobody meant him to."""
    MEDIUM = 1
    """A protection is missing that another mistake, or another host's, would need."""
    LOW = 2
    """It says otherwise than it does."""
    NOTE = 3

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Finding:
    """``title`` is one plain sentence. ``witness`` is the packet that shows it, in words, as the interpreter walked
    it; empty where no packet can (a line that cannot be read). ``remedy`` is in the syntax of the configuration.
    """

    code: str
    severity: Severity
    title: str
    text: str = ""
    witness: str = ""
    lines: tuple[Line, ...] = ()
    remedy: str = ""


class Unreplayed(Exception):
    """A packet that the sets say passes, or does not, does the contrary when it is walked: a mistake of our own."""


class Undecided(Unreplayed):
    """Whichever way it is walked, its end hangs on a line that could not be read: nobody's mistake."""
