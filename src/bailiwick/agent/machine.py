"""The machine under the agent: its clock, its init, how it looks, and what makes it be as a generation says."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bailiwick import agent
from bailiwick.agent import connection, program
from bailiwick.agent.commands import CommandFailed, run
from bailiwick.agent.disk import durable
from bailiwick.agent.disk.origin import Origin
from bailiwick.agent.disk.store import Store
from bailiwick.agent.look.drift import drift, rules_of
from bailiwick.agent.look.live import Live, look
from bailiwick.agent.look.scope import scope
from bailiwick.agent.model import ORIGIN
from bailiwick.agent.places import Places
from bailiwick.agent.switch import links, networkd, settings, strangers, switching
from bailiwick.agent.switch.unit_states import observed, states
from bailiwick.agent.window import units
from bailiwick.agent.window.news import Tell
from bailiwick.agent.window.probing import units_hold
from bailiwick.agent.window.units import DEADMAN

SWITCH = "bailiwick-switch.service"
BOOT_ID = "/proc/sys/kernel/random/boot_id"


@dataclass(frozen=True, slots=True)
class Machine:
    """As the course of an apply asks of it; tests put another in its place."""

    places: Places

    def now(self) -> float:
        """Seconds of CLOCK_BOOTTIME (clock_gettime(2)): it goes on in suspend and nobody sets it."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def boot(self) -> str:
        """A word for this boot (random(4))."""
        return Path(BOOT_ID).read_text(encoding="ascii").strip()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def connected(self) -> float | None:
        """When the connection began that brings this command; None for the machine's own console. Raises Unknown."""
        return connection.began()

    def came_by_going(self) -> str:
        """The device's address that this command came to, where it goes once the apply is confirmed; "" for any other.
        Raises Unknown."""
        address = connection.ends()[0]
        return address if address in networkd.going(self.places) else ""

    def settle_in(self) -> None:
        """Our units are there, and run this very program. Raises CommandFailed, NotPushed, NotWritten."""
        program.point(self.places)
        units.install(self.places)

    def move_out(self) -> None:
        """Our units go. Raises CommandFailed, NotWritten."""
        units.remove(self.places)
        durable.remove(self.places.agent)

    def start_deadman(self) -> None:
        """Returns once it says of itself that it is ready. Raises CommandFailed."""
        run("systemctl", "start", DEADMAN)

    def wake_deadman(self) -> None:
        """It runs already, as a rule; where it does not, it takes the record up. Raises CommandFailed."""
        run("systemctl", "start", "--no-block", DEADMAN)

    def start_switch(self) -> None:
        """In a unit of its own, so that no connection's end is its end (systemd-run(1)). Raises CommandFailed."""
        try_run("systemctl", "reset-failed", SWITCH)
        program = (units.python(), "-I", str(self.places.agent), "switch")
        properties = ("Type=exec", "TimeoutStopSec=5", "OOMScoreAdjust=-900", "UMask=0077")
        arguments = [f"--property={each}" for each in properties]
        run("systemd-run", f"--unit={SWITCH}", "--collect", "--quiet", *arguments, "--", *program)

    def switch_runs(self) -> bool:
        """Raises CommandFailed."""
        return state(SWITCH) not in ("inactive", "failed")

    def kill_switch(self) -> None:
        """With all that it started; returns when nothing of it is left. Raises CommandFailed."""
        if self.switch_runs():
            try_run("systemctl", "kill", "--signal=SIGKILL", SWITCH)
            try_run("systemctl", "stop", SWITCH)
        if self.switch_runs():
            raise CommandFailed(f"{SWITCH} does not end")

    def switch(self, target: int, tell: Tell) -> None:
        """Make the device be as generation ``target`` says, from whatever state. Raises SwitchFailed."""
        switching.switch(self.places, target, tell)

    def restore(self, target: int, tell: Tell) -> None:
        """Only what lasts: files, and which units a boot starts. Before the network is up. Raises SwitchFailed."""
        switching.restore(self.places, target, tell)

    def committed(self, number: int) -> None:
        """What only an open window needs of the running system goes."""
        switching.committed(self.places, number)

    def look(self, *numbers: int) -> Live:
        """How the device looks, as far as these generations or the origin ever touched it. Raises Unseen."""
        places = self.places
        return look(places, scope(Store(places), Origin(places), *numbers))

    def drifted(self, known: Mapping[str, str] = {}) -> tuple[str, ...]:
        """What is not as the confirmed generation says, in sentences; without what is others'. ``known`` is of
        ``rules_of``. Raises Unseen."""
        places = self.places
        return tuple(one.sentence for one in drift(places, Store(places), Origin(places), known).ours)

    def rules_of(self, number: int) -> dict[str, str]:
        """What nft lists of a generation's rules: the timer's sandbox lets it make no namespace to ask in. Raises
        Unseen."""
        return rules_of(Store(self.places), number)

    def down(self, number: int) -> tuple[str, ...]:
        """Units that a generation must have active and that are not, in sentences. Raises Damaged."""
        return units_hold(Store(self.places).generation(number).probes)

    def remember(self, number: int) -> None:
        """What stands where a generation will put something: files, settings, units and links. Raises CommandFailed,
        ``origin.NotRemembered``, NotWritten."""
        origin = Origin(self.places)
        touched = scope(Store(self.places), origin, number)
        origin.remember_files(touched.paths)
        origin.remember_settings(settings.observed(self.places, touched.settings))
        origin.remember_units(observed(touched.units))
        there = links.present()
        origin.remember_links({name: "UP" in there[name]["flags"] for name in touched.links if name in there})

    def size(self, number: int) -> int:
        """Bytes that putting that generation back may have to write."""
        generation = self.places.generations / str(number)
        tops = (self.places.origin,) if number == ORIGIN else (self.places.origin, generation)
        return sum(path.stat().st_size for top in tops for path in top.rglob("*") if path.is_file())

    def units(self, names: Iterable[str]) -> dict[str, tuple[str, bool]]:
        """Each with what ``systemctl is-enabled`` says of it (``not-found`` for none), and whether it is active."""
        return {name: (one.enabled, one.runs) for name, one in states(names).items()}

    def tables(self) -> tuple[str, ...]:
        """Of the packet filter. Raises CommandFailed."""
        return strangers.tables()

    def rid(self, before: tuple[str, ...] | None) -> tuple[str, ...]:
        """Tables that nobody knows and that were not there before go; in sentences. Raises CommandFailed."""
        return () if before is None else strangers.delete(before)

    def run_again(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of ``names`` that do not run are started; in sentences. Raises CommandFailed."""
        down = [name for name, one in states(names).items() if not one.runs]
        if down:
            run("systemctl", "start", *down)
        return tuple(f"{name} is started again" for name in down)

    def ready(self) -> None:
        """The timer has all that it will run in its memory: a program file that goes is not asked for again."""
        for module in pkgutil.walk_packages(agent.__path__, "bailiwick.agent."):
            if not module.name.endswith(".__main__"):
                importlib.import_module(module.name)

    def let_go(self) -> None:
        """A timer that has seen its window close leaves by itself, within a second; a start would be lost on it."""
        for _ in range(80):
            if state(DEADMAN) in ("inactive", "failed"):
                break
            time.sleep(0.25)
        else:
            raise CommandFailed("the timer of the apply before does not end")
        try_run("systemctl", "reset-failed", DEADMAN)


def state(unit: str) -> str:
    """``active``, ``inactive``, ``failed``… of systemctl(1). Raises CommandFailed."""
    return run("systemctl", "show", "--property=ActiveState", "--value", unit).strip()


def try_run(*command: str) -> None:
    """Of a unit that may not be there, or has nothing to do: what matters is looked at afterwards."""
    with suppress(CommandFailed):
        run(*command)
