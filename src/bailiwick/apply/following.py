"""How the owner's side follows an apply that goes on without it: what was heard, and what is to be done next.

No clock and no process: the session carries it out. A connection that is cut says nothing about the device, which goes
on by itself; so it is made anew until the time has passed in which the device must have ended it, one way or the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bailiwick.agent.window.decisions import Phase
from bailiwick.apply.protocol import Window


class End(StrEnum):
    STANDS = "stands"  # the new generation is up, and the owner's word is awaited
    CONFIRMED = "confirmed"  # by somebody else, meanwhile
    BACK = "back"  # the old generation is back
    STUCK = "stuck"  # it was put back, and something still differs
    LOST = "lost"  # nothing was heard until the device must have gone back


@dataclass(frozen=True, slots=True)
class Ended:
    """``left``: seconds to confirm in, where it ``STANDS``. ``why`` is a sentence, or ""."""

    end: End
    left: float = 0.0
    why: str = ""


class Do(StrEnum):
    LISTEN = "listen"  # ask for progress, and what comes after it
    ASK = "ask"  # the window is gone: ask for the status, which says how it ended
    AGAIN = "again"  # wait a moment, then over a new connection


@dataclass(frozen=True, slots=True)
class Following:
    """``known``: lines of progress that were heard. ``until``: when to give up, on the listener's own clock."""

    new: int
    until: float
    known: int = 0
    cut: bool = False

    def news(self, line: int) -> Following:
        return replace(self, known=max(self.known, line))

    def window(self, window: Window | None) -> Do | Ended:
        """What the device says of its window."""
        if window is None or window.new != self.new:
            return Do.ASK
        if window.phase == Phase.WAITING:
            return Ended(End.STANDS, window.left)
        if window.phase == Phase.STUCK:
            return Ended(End.STUCK, why=window.reason)
        return Do.LISTEN

    def status(self, status: Mapping[str, Any]) -> Ended:
        """What it says once no window is open."""
        if status.get("confirmed") == self.new:
            return Ended(End.CONFIRMED)
        last = status.get("last") or {}
        return Ended(End.BACK, why=str(last.get("why") or last.get("reason") or last.get("text") or ""))

    def lost(self, now: float) -> Do | Ended:
        """A connection that was cut, or could not be made."""
        return Do.AGAIN if now < self.until else Ended(End.LOST)
