"""At boot, before the network: where an apply was open as the machine went down, the old generation's files come back.

The network then comes up as the old generation says, whatever state the new one was left in. The timer, once the system
stands, puts back what is not in files, looks whether all is as it was, and closes the record.
"""

from __future__ import annotations

from bailiwick.agent.disk import durable, record, space
from bailiwick.agent.machine import Machine
from bailiwick.agent.window import course, news
from bailiwick.agent.window.decisions import Phase, Tick, Window, decide
from bailiwick.agent.window.recovery import opened


def run(machine: Machine) -> int:
    """The exit status. Raises what the restoring raises; the timer is woken then too, and tries again."""
    places = machine.places
    window = _taken_back(machine)
    if window is None:
        record.clear(places)  # one that a power cut left behind its commit
        if places.live.exists():
            machine.wake_deadman()  # to finish that, once the network can be told
        return 0
    if window.phase is not Phase.RETURNING:
        return 0

    def tell(text: str) -> None:
        news.tell(places, machine.now(), "boot", text)

    try:
        tell(f"generation {window.old} is put back before the network comes up: {window.reason}")
        space.release(places)
        machine.restore(window.old, tell)
    finally:
        machine.wake_deadman()
    return 0


def _taken_back(machine: Machine) -> Window | None:
    """The record, after it was told that this is another boot; whatever the disk says to that."""
    now, boot = machine.now(), machine.boot()
    window = opened(machine)
    if window is None:
        return None
    try:
        return course.note(machine, Tick(now, boot), insist=True)[1].window
    except (durable.NotWritten, record.Unreadable):
        return decide(window, Tick(now, boot)).window
