"""An apply as a state machine: what has happened and what is to be done next, without a clock, a disk or a process.

The window is the time between the first change and the owner's word. Whatever happens in it ends in one of two ways:
the new generation is confirmed, or the old one is back. RFC 6241 section 8.4 is the model (a confirmed commit, a reboot
inside the window restores), with the timer on the device and the word given over a connection that is itself new.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any


class Phase(StrEnum):
    """Of a window that is open."""

    ARMED = "armed"  # the timer runs; nothing is changed yet
    SWITCHING = "switching"  # files and the running system are being changed
    WAITING = "waiting"  # the new generation stands; the owner's word is awaited
    RETURNING = "returning"  # the old generation is being put back
    STUCK = "stuck"  # the old generation was put back, and the device still looks otherwise


@dataclass(frozen=True, slots=True)
class Window:
    """The record of an apply, on disk before anything is changed.

    Times are seconds of CLOCK_BOOTTIME, which goes on in suspend and knows no wall clock; they mean something during
    the boot ``boot`` alone. ``deadline``: when the old generation is put back. ``patience``: the seconds of silence
    that the owner has, counted from ``settled``, when the new generation stood. ``token`` is the SHA-256 of the word
    that confirms. ``tries``: how often putting back has been begun.
    """

    old: int
    new: int
    phase: Phase
    boot: str
    deadline: float
    patience: float
    token: str
    owner: str = ""
    settled: float = 0.0
    tries: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Armed:
    """The timer is running, and has itself verified that it can put the old generation back."""


@dataclass(frozen=True, slots=True)
class Switched:
    """The new generation stands, and its services have settled, at ``at``."""

    at: float


@dataclass(frozen=True, slots=True)
class Failed:
    """A step of the switch, or a probe that must hold."""

    why: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """``token`` is the SHA-256 of the word as it was given.

    ``connected``: when the connection that brings it began, None for one that has no beginning (the machine's own
    console)."""

    token: str
    connected: float | None
    at: float


@dataclass(frozen=True, slots=True)
class Extend:
    """The owner is there, and wants more time."""

    at: float
    patience: float


@dataclass(frozen=True, slots=True)
class Tick:
    """The timer looks at its clock, in the boot ``boot``."""

    at: float
    boot: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The owner wants the old generation back now."""

    why: str = "asked for"


@dataclass(frozen=True, slots=True)
class Returned:
    """The old generation was put back; ``differences`` between the device and how it looked before."""

    differences: tuple[str, ...] = ()


Event = Armed | Switched | Failed | Confirm | Extend | Tick | GiveUp | Returned


class Do(StrEnum):
    """What is to be carried out, in order. The record is written before any of it."""

    SWITCH = "switch"  # to the new generation
    RETURN = "return"  # to the old one, whatever state the device is in
    COMMIT = "commit"  # the new generation is the confirmed one; the record goes
    CLOSE = "close"  # the record goes; the old generation is what it was: the confirmed one
    REFUSE = "refuse"  # nothing happens, and the asker is told ``reason``


@dataclass(frozen=True, slots=True)
class Decision:
    """``window`` is None when it is over. ``reason`` is a plain sentence for people."""

    window: Window | None
    do: tuple[Do, ...] = ()
    reason: str = ""


TRIES = 3
"""How often putting back is begun before the device is left as it is, with what differs told: no endless loop."""


LATE = "it did not come to stand in time"


def decide(window: Window, event: Event) -> Decision:
    """What follows from ``event``. Every pair has an answer; what makes no sense is refused and changes nothing.

    Comparisons are such that a number that is none (NaN) closes the window rather than keeping it open for ever.
    """
    match event:
        case Armed():
            if window.phase is Phase.ARMED:
                return Decision(replace(window, phase=Phase.SWITCHING), (Do.SWITCH,))
        case Switched(at):
            if window.phase is Phase.SWITCHING:
                if not at < window.deadline:
                    return _back(window, LATE)
                waiting = replace(window, phase=Phase.WAITING, settled=at, deadline=at + window.patience)
                return Decision(waiting)
        case Failed(why):
            if window.phase in (Phase.ARMED, Phase.SWITCHING, Phase.WAITING):
                return _back(window, why)
        case GiveUp(why):
            if window.phase in (Phase.ARMED, Phase.SWITCHING, Phase.WAITING, Phase.STUCK):
                return _back(replace(window, tries=0), why)
        case Tick(at, boot):
            return _tick(window, at, boot)
        case Extend(at, patience):
            if window.phase is Phase.WAITING and at < window.deadline and 0 < patience < math.inf:
                return Decision(replace(window, deadline=max(window.deadline, at + patience)))
        case Confirm():
            return _confirm(window, event)
        case Returned(differences):
            return _returned(window, differences)
    return Decision(window, (Do.REFUSE,), f"the apply of generation {window.new} is {window.phase.value}")


def decide_at(window: Window, event: Event, at: float, boot: str) -> Decision:
    """What follows from ``event`` at ``at`` in the boot ``boot``. The clock has the first word: where the window has
    closed, or the machine was restarted, that is what happens, and the event is overtaken by it."""
    clock = decide(window, Tick(at, boot))
    return clock if clock.do else decide(window, event)


def _back(window: Window, why: str) -> Decision:
    returning = replace(window, phase=Phase.RETURNING, reason=why, tries=window.tries + 1)
    return Decision(returning, (Do.RETURN,), why)


def _tick(window: Window, at: float, boot: str) -> Decision:
    if boot != window.boot:
        return _back(replace(window, boot=boot, tries=0), "the machine was restarted before it was confirmed")
    if window.phase in (Phase.RETURNING, Phase.STUCK):
        return Decision(window)
    if not at < window.deadline:
        silence = window.phase is Phase.WAITING
        return _back(window, "nobody confirmed it in time" if silence else LATE)
    return Decision(window)


def _confirm(window: Window, event: Confirm) -> Decision:
    if window.phase is not Phase.WAITING:
        return Decision(
            window, (Do.REFUSE,), f"generation {window.new} cannot be confirmed: it is {window.phase.value}"
        )
    if not window.token or event.token != window.token:
        return Decision(window, (Do.REFUSE,), "the token is not this apply's")
    if not event.at < window.deadline:
        return Decision(window, (Do.REFUSE,), "the window has closed: the old generation comes back")
    if event.connected is not None and not event.connected >= window.settled:
        why = "this connection is older than the new generation, which proves nothing: open a new one and confirm there"
        return Decision(window, (Do.REFUSE,), why)
    return Decision(None, (Do.COMMIT,), f"generation {window.new} is confirmed")


def _returned(window: Window, differences: tuple[str, ...]) -> Decision:
    if window.phase is not Phase.RETURNING:
        return Decision(window, (Do.REFUSE,), f"the apply of generation {window.new} is {window.phase.value}")
    if not differences:
        return Decision(None, (Do.CLOSE,), f"generation {window.old} is back: {window.reason}")
    if window.tries < TRIES:
        return Decision(replace(window, tries=window.tries + 1), (Do.RETURN,), "not all of it is back: once more")
    why = f"generation {window.old} was put back, and the device differs still: {'; '.join(differences[:5])}"
    return Decision(replace(window, phase=Phase.STUCK), (), why)


_TIMES = (float, int)
_KINDS: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("old", "new", "tries"), (int,)),
    **dict.fromkeys(("deadline", "patience", "settled"), _TIMES),
    **dict.fromkeys(("boot", "token", "owner", "reason"), (str,)),
}


def as_data(window: Window) -> dict[str, Any]:
    """As it stands in the record."""
    return asdict(window)


def from_data(data: Mapping[str, Any]) -> Window:
    """Raises ValueError."""
    try:
        window = Window(**{**data, "phase": Phase(data["phase"])})
    except (KeyError, TypeError) as error:
        raise ValueError(f"no record of an apply: {error}") from error
    for name, kinds in _KINDS.items():
        value = getattr(window, name)
        if type(value) not in kinds or (kinds == _TIMES and not math.isfinite(value)):
            raise ValueError(f"no record of an apply: {name} is {value!r}")
    return window
