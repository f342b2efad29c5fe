"""When a fault strikes: a step of the apply, known by what the device has on its disk just then."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread

from tests.agent.faults.world import World

Reached = Callable[[World], bool]
LOOK = 0.0005
"""Seconds between two looks, at least; a look that takes longer is followed by a longer rest, so that the watching
itself does not slow the device down."""


def phase(*names: str) -> Reached:
    return lambda world: world.window().get("phase") in names


def said(pattern: str) -> Reached:
    """A line of this apply's progress matches; one before left its own."""
    return lambda world: bool(world.window()) and any(re.search(pattern, line) for line in world.news())


def begins(*words: str) -> Reached:
    """A process of this command line runs."""
    return lambda world: bool(world.processes(*words))


def _staging(world: World) -> bool:
    """The generation is being written, and its number is not in its place yet."""
    if not world.processes("stage"):
        return False
    with suppress(OSError):
        return any(not one.name.isdigit() and one.name != "last" for one in (world.state / "generations").iterdir())
    return False


def _committed(world: World) -> bool:
    """The new one is the confirmed one, and the record is not gone yet."""
    record = world.state / "window.json"
    with suppress(OSError, ValueError, KeyError):
        return bool(world.confirmed() == json.loads(record.read_text())["window"]["new"])
    return False


MOMENTS: dict[str, Reached] = {
    "pre-flight": begins("preflight"),
    "stage": _staging,
    "lock": begins("begin"),
    "snapshot": lambda world: (world.state / "live.json").exists() and not world.window(),
    "arm": phase("armed"),
    "begin switch": phase("switching"),
    "guard": said("^switch: a guard stands"),
    "write files": said("^switch: .* files are in place"),
    "sysctl": said("^switch: .* settings of the kernel"),
    "firewall": said("^switch: the firewall is loaded"),
    "rivals": said("^switch: networking.service is stopped"),
    "networkd": said("^switch: networkd (has read|is started)"),
    "services": said("^switch: bailiwick-dnsmasq.* (has taken|is started)"),
    "settle": said("^switch: .* open connections ended"),
    "wait": phase("waiting"),
    "confirm": begins("confirm"),
    "commit": _committed,
    "return": phase("returning"),
    "return: files": said("^return: .* files are in place"),
    "return: firewall": said("^return: the firewall is loaded"),
    "return: services": said("^return: bailiwick-dnsmasq"),
}
"""In the order of an apply, and then of the way back."""
BEGINNING = ("stage", "lock", "snapshot", "arm")
SWITCH = ("begin switch", "guard", "write files", "firewall", "networkd", "services", "settle")
ENDING = ("wait", "confirm", "commit")
RETURN = ("return", "return: files", "return: firewall", "return: services")


class NotReached(Exception):
    """The apply ended, and the moment never came."""


@dataclass
class Trap:
    """Watches for a moment, and stops the whole device there while ``strike`` is played.

    ``frozen`` False: the device goes on while it is played, for what needs a living systemd. ``sprung`` says what the
    device had said last when it stood still.
    """

    world: World
    reached: Reached
    strike: Callable[[World], None]
    frozen: bool = True
    sprung: str = ""
    failed: BaseException | None = None
    at: float = 0.0
    _over: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def set(self) -> None:
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            while not self._over.is_set():
                began = time.monotonic()
                if self.world.box.pid and self.reached(self.world):
                    self._spring()
                    return
                time.sleep(max(LOOK, 3 * (time.monotonic() - began)))
        except BaseException as error:  # noqa: BLE001  it is raised again by whoever waits
            self.failed = error

    def _spring(self) -> None:
        box = self.world.box
        box.freeze()
        self.at = time.monotonic()
        state = self.world.window().get("phase", "no record")
        self.sprung = f"{state}; {(self.world.news() or ['nothing said'])[-1]}"
        pid = box.pid
        try:
            if not self.frozen:
                box.thaw()
            self.strike(self.world)
        finally:
            if self.frozen and box.pid == pid and pid:
                box.thaw()

    def struck(self) -> bool:
        return bool(self.sprung) and self._thread is not None and not self._thread.is_alive()

    def done(self, patience: float = 60.0) -> None:
        """Raises NotReached, and what the strike raised."""
        if not self.sprung:
            self._over.set()
        assert self._thread is not None
        self._thread.join(patience)
        if self.failed is not None:
            raise self.failed
        if not self.sprung:
            raise NotReached
