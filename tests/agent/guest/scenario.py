"""An owner at a station of the management zone: a first apply, then lock-outs, each left alone until it is undone, and
a machine that sleeps in its window."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

WINDOW = 25
"""Seconds of silence that the device waits."""
HOST, ROUTER = "gate", "192.168.10.1"
WORK = 600  # seconds for one command, on an emulated processor
UNFINISHED = 124
OUTPUT = Path("/root/output")
CHOSEN = Path("/root/chosen.json")
BACK = 240  # seconds until the old generation must be back
SSH = f"""\
Host {HOST}
  HostName {ROUTER}
  User root
  IdentityFile /root/.ssh/owner
  StrictHostKeyChecking accept-new
  ConnectTimeout 8
"""


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
    _keys()
    owner = _Owner(station)
    found = [owner.applied("first", "home", tell)]
    if found[0].status == 0:
        for lock_out in LOCK_OUTS:
            if not chosen or lock_out.name in chosen:
                tell(lock_out.name)
                found.append(owner.locked_out(lock_out, tell))
    return found


def _keys() -> None:
    home = Path("/root/.ssh")
    home.mkdir(mode=0o700, exist_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home / "owner")], check=True)
    (home / "authorized_keys").write_bytes((home / "owner.pub").read_bytes())
    (home / "config").write_text(SSH)


class _Owner:
    def __init__(self, station: str) -> None:
        self.station = station

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "HOME": "/root", "XDG_STATE_HOME": "/root/state"}
        command = ["ip", "netns", "exec", self.station, "python3", "-SP", "-m", "bailiwick", *words]
        with OUTPUT.open("w+") as said:
            try:
                done = subprocess.run(
                    command,
                    stdout=said,
                    stderr=said,
                    check=False,
                    stdin=subprocess.DEVNULL,
                    timeout=WORK,
                    env=environment,
                    cwd="/root",
                )
                status = done.returncode
            except subprocess.TimeoutExpired:
                status = UNFINISHED
            said.seek(0)
            return subprocess.CompletedProcess(command, status, said.read(), "")

    def _ssh(self, *words: str) -> list[str]:
        return ["ip", "netns", "exec", self.station, "ssh", "-o", "BatchMode=yes", HOST, *words]

    def _answers(self) -> bool:
        done = subprocess.run(self._ssh("true"), capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=60)
        return done.returncode == 0

    def _apply(self, home: str, window: int, *more: str) -> subprocess.CompletedProcess[str]:
        words = ("--to", HOST, "--yes", "--confirm-timeout", str(window), *more)
        return self._run("apply", f"{home}.yaml", *words)

    def applied(self, name: str, home: str, tell: Callable[[str], None]) -> Seen:
        """And confirmed."""
        tell(name)
        done = self._apply(home, WINDOW, "--auto-confirm")
        tell(f"{name}: status {done.returncode}: {(done.stdout + done.stderr)[-3000:]}")
        return Seen(name, done.returncode, done.stdout + done.stderr, 0.0, self._answers(), (), _last())

    def locked_out(self, one: LockOut, tell: Callable[[str], None]) -> Seen:
        """Applied, and left alone, or given the word."""
        before = _looks()
        strike = _Strike(one.then)
        shell = subprocess.Popen(self._ssh("sleep", "3600"), stdin=subprocess.DEVNULL) if one.word else None
        if shell is not None:
            time.sleep(10)  # it is there before anything begins
        strike.start()
        done = self._apply(one.home, one.window)
        strike.over.set()
        strike.join(WORK)
        tell(f"{one.name}: status {done.returncode}: {(done.stdout + done.stderr)[-1500:]}")
        word = self._run("confirm", f"{one.home}.yaml", "--to", HOST) if one.word else None
        began = time.monotonic()
        back: float | None = None
        while time.monotonic() < began + BACK:
            if not Path(RECORD).exists():
                back = time.monotonic() - began
                break
            time.sleep(0.5)
        awake, slept = time.monotonic() - strike.stood, _slept() - strike.slept
        if one.undo:
            subprocess.run(one.undo, check=True, timeout=60)
        answers = self._answers()
        if shell is not None:
            shell.kill()
            shell.wait()
        after = _looks()
        differences = tuple(
            f"{name}: {_changed(before[name], after[name])}" for name in before if before[name] != after[name]
        )
        seen = Seen(
            one.name,
            done.returncode,
            done.stdout + done.stderr,
            back,
            answers,
            differences,
            _last(),
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


class _Strike(threading.Thread):
    """Runs a command as soon as a generation stands and waits. ``stood`` and ``slept``: the clocks at that moment."""

    def __init__(self, command: tuple[str, ...]) -> None:
        super().__init__(daemon=True)
        self.command, self.over = command, threading.Event()
        self.status: int | None = None
        self.stood, self.slept = time.monotonic(), _slept()

    def run(self) -> None:
        while not _waits():
            if self.over.wait(0.2):
                return
        self.stood, self.slept = time.monotonic(), _slept()
        if self.command:
            done = subprocess.run(
                self.command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=WORK
            )
            self.status = done.returncode


def _waits() -> bool:
    try:
        return "waiting" in Path(RECORD).read_text()
    except FileNotFoundError:
        return False


RECORD = "/var/lib/bailiwick/window.json"
LOOKS = {
    "rules": "nft -s list ruleset | sed '/^table inet bailiwick_ended/,/^}/d'",
    "addresses": "ip -o -4 address show scope global | sed 's/^[0-9]*: //; s/valid_lft.*//'",
    "links": "ip -o link show | sed 's/^[0-9]*: //; s/qlen.*//'",
    "routes": "ip -4 route show table all | sort",
    "policy routing": "ip -4 rule show",
    "files": "find /etc/systemd /etc/bailiwick /etc/sysctl.d /usr/lib/bailiwick /etc/resolv.conf -type f -o -type l"
    " | sort | xargs sha256sum",
    "units": "systemctl list-units --type=service --state=active --plain --no-legend | cut -d' ' -f1 | grep -v user"
    " | grep -v 'ssh@\\|session\\|bailiwick-deadman\\|bailiwick-switch\\|run-'",
}


def _looks() -> dict[str, str]:
    """By the machine's own tools, and not by what is tried here."""
    found = {}
    for name, command in LOOKS.items():
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
        found[name] = done.stdout
    return found


def _changed(before: str, after: str) -> str:
    old, new = set(before.splitlines()), set(after.splitlines())
    gone, come = sorted(old - new), sorted(new - old)
    return "; ".join([*(f"-{line.strip()}" for line in gone[:6]), *(f"+{line.strip()}" for line in come[:6])])


def _last() -> str:
    path = Path("/var/lib/bailiwick/history.jsonl")
    lines = path.read_text().splitlines() if path.exists() else []
    return json.dumps(json.loads(lines[-1])) if lines else ""
