"""The timer: it looks at its clock twice a second, and puts the old generation back when nobody confirmed the new one.

It is a process of its own, which systemd starts again however it ends (Restart=always) and kills when it is silent
(WatchdogSec=). Before it says that it is ready it has read all that it will need: the old generation, the origin, and
its own program, so that nothing that the new generation breaks is asked for later.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bailiwick.agent.commands import CommandFailed
from bailiwick.agent.disk import durable, record, space
from bailiwick.agent.disk.lock import Held
from bailiwick.agent.disk.origin import Origin
from bailiwick.agent.disk.pointer import Damaged, confirmed
from bailiwick.agent.disk.store import Refused, Store
from bailiwick.agent.machine import Machine
from bailiwick.agent.window import course, news
from bailiwick.agent.window.decisions import Do, Failed, Phase, Returned, Tick, Window, decide
from bailiwick.agent.window.recovery import opened

BEAT = 0.5
"""Seconds between two looks at the clock, and between two signs of life."""
WITHOUT_SWITCH = 5.0
"""Seconds in which the switch's unit has to be seen, before its absence counts as its death."""
SETTLES = 30.0
"""Seconds that a device which was put back has, to look as it did: leases, links and daemons take their time."""
UNITS = 5.0
"""Seconds between two looks at the units of a generation that waits to be confirmed; down at two, it goes back."""
ENDS = 3.0
"""Seconds in which whoever ended the window is expected to be done with it."""
HUNG = 180.0
"""Seconds without a step done, after which the timer holds itself to be stuck, and lets systemd kill it."""

Notify = Callable[[str], None]


class CannotReturn(Exception):
    """Something that putting the old generation back rests on is not so."""


def run(machine: Machine, notify: Notify | None = None) -> int:
    """Until no window is open, or the device is stuck; the exit status."""
    notify = notify or _notify
    window = opened(machine)
    begins = window is None and course.begins(machine)
    if not begins and (window is None or window.phase is Phase.STUCK):
        notify("READY=1")
        if window is None:
            course.finish(machine)
        return 0
    try:
        ready(machine, confirmed(machine.places) if window is None else window.old)
    except FAILURES as failure:
        if window is None or window.phase is Phase.ARMED:
            raise  # nothing is changed yet, and nothing will be
        news.tell(machine.places, machine.now(), "timer", f"not everything is there to go back with: {failure}")
    notify("READY=1\nWATCHDOG=1")
    timer = Timer(machine, notify)
    with timer.heart:
        while timer.look():
            machine.sleep(BEAT)
    return 0


def ready(machine: Machine, old: int) -> None:
    """Everything is there and whole. Raises CannotReturn, ``store.Damaged``, ``store.Refused``, NotWritten."""
    store, origin = Store(machine.places), Origin(machine.places)
    store.verify(old)
    origin.verify()
    for path in {*origin.paths(), *(file.path for file in store.generation(old).files)}:
        above = next(one for one in machine.places.on_device(path).parents if one.exists())
        if not os.access(above, os.W_OK):
            raise CannotReturn(f"{above} cannot be written by the timer, so {path} could not be put back")
    machine.ready()


FAILURES = (CannotReturn, Damaged, Refused, durable.NotWritten, OSError)
"""Of ``ready``."""


class Timer:
    """What the process knows from one look to the next."""

    def __init__(self, machine: Machine, notify: Notify) -> None:
        self.machine = machine
        self.heart = _Heart(machine, notify)
        self._alone: float | None = None  # since when a switch should run, and none does
        self._asked = 0.0  # when units were looked at
        self._down = False  # they were, the last time
        self._had: Window | None = None  # as it was seen last
        self._over: float | None = None  # since when no window is open any more

    def look(self) -> bool:
        """Once at the clock and at the record, and what follows from them. False when the window is over."""
        self.heart.beat()
        window = opened(self.machine)
        if window is None and self._lost():
            return True
        if window is None:
            return self._ends()
        if window.phase is Phase.STUCK:
            return False
        self._had, window = window, self._decided(window)
        self._had = window or self._had
        if window is not None and window.phase is Phase.RETURNING:
            return self._put_back(window)
        return window is not None

    def _lost(self) -> bool:
        """A record that is gone, and nobody confirmed, was taken away: only this process closes one. It is written
        again, and goes back."""
        last, places = self._had, self.machine.places
        if last is None or last.phase is Phase.RETURNING or confirmed(places) == last.new:
            return False
        why = "its record was taken away"
        with record.held(places, insist=True):
            if record.load(places) is None and confirmed(places) == last.old != last.new:
                record.save(places, replace(last, phase=Phase.RETURNING, reason=why, tries=last.tries + 1))
                return True
        return False

    def _ends(self) -> bool:
        """Whether to stay without a window: it is not open yet, or whoever ended it is still at it. One who died in
        that is taken over from."""
        now = self.machine.now()
        if course.begins(self.machine):
            return self._had is None
        self._over = now if self._over is None else self._over
        if not self.machine.places.live.exists():
            return False
        if now - self._over < ENDS:
            return True
        course.finish(self.machine)
        return False

    def _decided(self, window: Window) -> Window | None:
        """After the clock was asked, and after the switch. Where the disk takes no record of it, it is decided all the
        same: the way back must not hang on one file."""
        now = self.machine.now()
        try:
            window = self._watched(window, now)
            return course.note(self.machine, Tick(now, self.machine.boot()), insist=True)[1].window
        except course.NoWindow:
            return None
        except (durable.NotWritten, Held, record.Unreadable, Damaged) as failure:
            news.tell(self.machine.places, now, "timer", f"the record cannot be kept: {failure}")
            decision = decide(window, Tick(now, self.machine.boot()))
            if Do.RETURN in decision.do:
                self._free()
            return decision.window

    def _watched(self, window: Window, now: float) -> Window:
        """A switch that ended without a word (killed, say) is a failed one; nobody waits for the limit."""
        if window.phase is Phase.WAITING:
            return self._asked_units(window, now)
        if window.phase is not Phase.SWITCHING or self._switch_runs():
            self._alone = None
            return window
        self._alone = now if self._alone is None else self._alone
        if now - self._alone < WITHOUT_SWITCH:
            return window
        ended = Failed("the switch ended without a word")
        return course.note(self.machine, ended, only=Phase.SWITCHING, insist=True)[1].window or window

    def _asked_units(self, window: Window, now: float) -> Window:
        """A daemon may live for a while and die in the window: nobody is to confirm that."""
        if now - self._asked < UNITS:
            return window
        self._asked = now
        down = self.machine.down(window.new)
        twice, self._down = bool(down) and self._down, bool(down)
        if not twice:
            return window
        return course.note(self.machine, Failed("; ".join(down)), only=Phase.WAITING, insist=True)[1].window or window

    def _switch_runs(self) -> bool:
        try:
            return self.machine.switch_runs()
        except CommandFailed:
            return True  # nothing is known; the deadline holds

    def _put_back(self, window: Window) -> bool:
        """Whether there is more to do."""
        places = self.machine.places
        self._free()
        failures = put_back(self.machine, window, self.heart.beat)
        try:
            before, decision = course.note(self.machine, Returned(failures), insist=True)
            if Do.CLOSE in decision.do:
                course.end(self.machine, before, decision)
            else:
                news.tell(places, self.machine.now(), "return", decision.reason)
        except course.NoWindow:
            return False
        except (durable.NotWritten, Held) as failure:
            news.tell(places, self.machine.now(), "return", f"the record cannot be kept: {failure}")
        return True

    def _free(self) -> None:
        try:
            space.release(self.machine.places)
        except durable.NotWritten as failure:
            news.tell(self.machine.places, self.machine.now(), "return", f"nothing could be freed: {failure}")


def put_back(machine: Machine, window: Window, beat: Callable[[], None] = lambda: None) -> tuple[str, ...]:
    """The old generation, whatever state the device is in. What is not as it was before is told, in sentences."""

    def tell(text: str) -> None:
        beat()
        news.tell(machine.places, machine.now(), "return", text)

    tell(f"generation {window.old} is put back: {window.reason}")

    def switch() -> tuple[str, ...]:
        machine.kill_switch()
        machine.switch(window.old, tell)
        return machine.rid(course.tables_before(machine))

    failures: list[str] = []
    for step in (switch, lambda: machine.run_again(course.ways_in(machine))):  # the owner gets in whatever failed
        try:
            for said in step():
                tell(said)
        except Exception as failure:  # noqa: BLE001  it is told, counted, and tried again; the timer must live on
            failures.append(str(failure) or type(failure).__name__)
            tell(f"not all of it: {failures[-1]}")
    different = _differences(machine, window, beat, 0.0 if failures else SETTLES)
    for one in different:
        tell(f"not as it was: {one}")
    return (*failures, *different)


def _differences(machine: Machine, window: Window, beat: Callable[[], None], patience: float) -> tuple[str, ...]:
    """Between how the device looked and how it looks once it has settled."""
    end = machine.now() + patience
    while True:
        beat()
        try:
            found = course.differences(machine, window)
        except Exception as failure:  # noqa: BLE001  what cannot be looked at is not known to be back
            found = (f"how the device looks is not known: {failure}",)
        if not found or machine.now() >= end:
            return found
        machine.sleep(BEAT)


class _Heart:
    """Signs of life for systemd, from a thread of its own while long work is done: but not for a work that hangs."""

    def __init__(self, machine: Machine, notify: Notify) -> None:
        self._machine, self._notify = machine, notify
        self._last = machine.now()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def beat(self) -> None:
        self._last = self._machine.now()

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(BEAT):
            if self._machine.now() - self._last < HUNG:
                self._notify("WATCHDOG=1")


def _notify(text: str) -> None:
    """sd_notify(3)."""
    name = os.environ.get("NOTIFY_SOCKET")
    if not name:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.connect(f"\0{name[1:]}" if name.startswith("@") else str(Path(name)))
        channel.sendall(text.encode())
