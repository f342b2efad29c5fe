"""An owner at a station of the management zone: a first apply, then lock-outs, each left alone until it is undone, and
a machine that sleeps in its window."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.agent.guest.looks import RECORD, differences, last, looks, waits
from tests.agent.guest.owner import HOST, WORK, Owner, keys

WINDOW = 25
"""Seconds of silence that the device waits."""
CHOSEN = Path("/root/chosen.json")
BACK = 240  # seconds until the old generation must be back


@dataclass(frozen=True, slots=True)
class LockOut:
    """``home`` is what is applied, with a window of ``window`` seconds; ``then`` a command run on the device once it
    stands, in the window, and ``undo`` one run when all is over. ``word``: the owner gives it after that, over a new
    connection; ``stays``: it is meant to be taken."""

    name: str
    home: str
    then: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    window: int = WINDOW
    word: bool = False
    stays: bool = False


def _shell(line: str) -> tuple[str, ...]:
    return ("sh", "-ec", line)


def _asleep(seconds: int) -> tuple[str, ...]:
    """ACPI's S3, with the alarm of the clock that has a battery to wake it (rtc(4), sysfs-power)."""
    alarm = "/sys/class/rtc/rtc0/wakealarm"
    return _shell(f"echo 0 >{alarm}; echo +{seconds} >{alarm}; echo mem >/sys/power/state")


FULL, OVERSLEPT, SLEPT = (
    "the table of connections is full",
    "the machine sleeps past the deadline",
    "the machine sleeps for a part of the window",
)
TABLE = "net.netfilter.nf_conntrack_max"

LOCK_OUTS = (
    LockOut("management closed", "closed"),
    LockOut("the VLAN of management is another one on the trunk", "vlan"),
    LockOut("management has another subnet", "subnet"),
    LockOut("the default route leads nowhere", "route"),
    LockOut("the uplink asks for a lease, and nobody answers", "lease"),
    LockOut("the clock is ten years on", "other", ("date", "--set", "+10 years")),
    LockOut("sshd is stopped in the window", "other", ("systemctl", "stop", "ssh.service")),
    LockOut("a rule that drops all", "other", ("nft", "insert rule inet bailiwick input drop")),
    LockOut(
        "a stranger's table that drops all",
        "other",
        ("nft", "table inet evil { chain c { type filter hook input priority -10; policy drop; }; }"),
    ),
    # One is held by the shell that the owner has open: it is established, and those are not dropped early
    # (nf_conntrack_core.c, early_drop_list).
    LockOut(
        FULL,
        "other",
        _shell(f"sysctl -n {TABLE} >/run/most; sysctl -w {TABLE}=1"),
        _shell(f'sysctl -w {TABLE}="$(cat /run/most)"'),
        word=True,
    ),
    LockOut(OVERSLEPT, "other", _asleep(150), window=120, word=True),
    LockOut(SLEPT, "other", _asleep(20), window=120, word=True, stays=True),  # the last one: it stands
)


@dataclass(frozen=True, slots=True)
class Seen:
    """``status`` of the apply, what it said, whether and after how many seconds the device was back and answered, and
    how it differs from before. ``struck``: the status of what was done in the window, None where the window was over
    before. ``awake`` and ``asleep``: seconds of that (CLOCK_MONOTONIC, and what CLOCK_BOOTTIME has more), from when it
    stood until the window was seen to be over. ``word``: status and words of the owner's confirming."""

    name: str
    status: int
    said: str
    back: float | None
    answers: bool
    differences: tuple[str, ...]
    last: str
    struck: int | None = None
    awake: float = 0.0
    asleep: float = 0.0
    word: tuple[int, str] | None = None


def play(station: str, tell: Callable[[str], None], chosen: tuple[str, ...] = ()) -> list[Seen]:
    keys()
    owner = _Player(station)
    found = [owner.applied("first", "home", tell)]
    if found[0].status == 0:
        for lock_out in LOCK_OUTS:
            if not chosen or lock_out.name in chosen:
                tell(lock_out.name)
                found.append(owner.locked_out(lock_out, tell))
    return found


class _Player(Owner):
    def applied(self, name: str, home: str, tell: Callable[[str], None]) -> Seen:
        """And confirmed."""
        tell(name)
        done = self.apply(home, WINDOW, "--auto-confirm")
        tell(f"{name}: status {done.returncode}: {(done.stdout + done.stderr)[-3000:]}")
        return Seen(name, done.returncode, done.stdout + done.stderr, 0.0, self.answers(), (), last())

    def locked_out(self, one: LockOut, tell: Callable[[str], None]) -> Seen:
        """Applied, and left alone, or given the word."""
        before = looks()
        strike = Strike(one.then)
        shell = subprocess.Popen(self.ssh("sleep", "3600"), stdin=subprocess.DEVNULL) if one.word else None
        if shell is not None:
            time.sleep(10)  # it is there before anything begins
        strike.start()
        done = self.apply(one.home, one.window)
        strike.over.set()
        strike.join(WORK)
        tell(f"{one.name}: status {done.returncode}: {(done.stdout + done.stderr)[-1500:]}")
        word = self.run("confirm", f"{one.home}.yaml", "--to", HOST) if one.word else None
        began = time.monotonic()
        back: float | None = None
        while time.monotonic() < began + BACK:
            if not RECORD.exists():
                back = time.monotonic() - began
                break
            time.sleep(0.5)
        awake, slept = time.monotonic() - strike.stood, _slept() - strike.slept
        if one.undo:
            subprocess.run(one.undo, check=True, timeout=60)
        answers = self.answers()
        if shell is not None:
            shell.kill()
            shell.wait()
        after = looks()
        seen = Seen(
            one.name,
            done.returncode,
            done.stdout + done.stderr,
            back,
            answers,
            differences(before, after),
            last(),
            strike.status,
            awake,
            slept,
            (word.returncode, word.stdout) if word else None,
        )
        tell(f"{seen}")
        return seen


def _slept() -> float:
    """Seconds that the machine has been asleep since it booted (clock_gettime(2))."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()


class Strike(threading.Thread):
    """Runs a command as soon as a generation stands and waits. ``stood`` and ``slept``: the clocks at that moment."""

    def __init__(self, command: tuple[str, ...]) -> None:
        super().__init__(daemon=True)
        self.command, self.over = command, threading.Event()
        self.status: int | None = None
        self.stood, self.slept = time.monotonic(), _slept()

    def run(self) -> None:
        while not waits():
            if self.over.wait(0.2):
                return
        self.stood, self.slept = time.monotonic(), _slept()
        if self.command:
            done = subprocess.run(
                self.command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=WORK
            )
            self.status = done.returncode
