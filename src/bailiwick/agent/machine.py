"""The machine under the agent: its clock, its boot, its init, and who of ours runs in units of their own."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bailiwick.agent.commands import CommandFailed, run
from bailiwick.agent.places import Places

DEADMAN = "bailiwick-deadman.service"
BOOT = "bailiwick-boot.service"
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

    def start_deadman(self) -> None:
        """Returns once it says of itself that it is ready. Raises CommandFailed."""
        self._let_go()
        run("systemctl", "start", DEADMAN)

    def wake_deadman(self) -> None:
        """It runs already, as a rule; where it does not, it takes the record up. Raises CommandFailed."""
        run("systemctl", "start", "--no-block", DEADMAN)

    def start_switch(self) -> None:
        """In a unit of its own, so that no connection's end is its end (systemd-run(1)). Raises CommandFailed."""
        try_run("systemctl", "reset-failed", SWITCH)
        program = (python(), "-I", str(self.places.agent), "switch")
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

    def _let_go(self) -> None:
        """A timer that has seen its window close leaves by itself, within a second; a start would be lost on it."""
        for _ in range(40):
            if state(DEADMAN) in ("inactive", "failed"):
                break
            time.sleep(0.25)
        else:
            raise CommandFailed("the timer of the apply before does not end")
        try_run("systemctl", "reset-failed", DEADMAN)


def python() -> str:
    """The interpreter that units run: the one that runs this."""
    return sys.executable or "/usr/bin/python3"


def state(unit: str) -> str:
    """``active``, ``inactive``, ``failed``… of systemctl(1). Raises CommandFailed."""
    return run("systemctl", "show", "--property=ActiveState", "--value", unit).strip()


def try_run(*command: str) -> None:
    """Of a unit that may not be there, or has nothing to do: what matters is looked at afterwards."""
    with suppress(CommandFailed):
        run(*command)
