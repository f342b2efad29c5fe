"""In the guest: the owner's day as the kernel's command line orders it, and what stands when it has booted.

Each moment of an apply is told as it comes, so that whoever watches can cut the power there.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bailiwick.agent.disk.store import Store
from bailiwick.agent.places import Places
from tests.agent.guest import lab
from tests.agent.guest.looks import last, looks
from tests.agent.guest.owner import HOST, Owner, keys

ORDERS = "bailiwick.orders="
WINDOW, SHORT = 600, 10
"""Seconds of silence that the device waits, where its owner speaks in the end and where not."""
KEPT = 10
"""Generations that an apply leaves, whatever came before."""
BACK = 240  # seconds until no apply is open any more
REST = 1.0  # seconds: what was written before is in the log of writes, what comes is not
PLACES = Places()


@dataclass(frozen=True, slots=True)
class Standing:
    """A device that has booted. ``over``: after how many seconds no apply was open any more, None if one still is.
    ``clock``: the wall clock's seconds since 1970 as it began to look."""

    over: float | None
    answers: bool
    confirmed: int
    last: str
    looks: dict[str, str]
    clock: float


@dataclass(frozen=True, slots=True)
class Did:
    """An order of the owner's: the status, and what was said."""

    status: int
    said: str


def play(station: str, tell: lab.Tell) -> list[Standing | Did]:
    owner = Owner(station)
    orders = next(word for word in Path("/proc/cmdline").read_text().split() if word.startswith(ORDERS))
    found: list[Standing | Did] = []
    for order in orders.removeprefix(ORDERS).split(","):
        tell(f"order {order}")
        found.append(_obeyed(owner, order, tell))
    return found


def _obeyed(owner: Owner, order: str, tell: lab.Tell) -> Standing | Did:
    match order.split(":"):
        case ["first"]:
            keys()
            return _applied(owner, "home")
        case ["look"]:
            return _stands(owner)
        case ["fill"]:
            return _filled()
        case ["again", home]:
            return _applied(owner, home)
        case ["word", home]:
            return _watched(lambda: _with_word(owner, home, tell), tell)
        case ["silence", home]:
            return _watched(lambda: _in_silence(owner, home), tell)
        case ["off"]:
            # Everything is ended and the disk left whole; in a moment, so that there is time to tell of it.
            off = ("systemd-run", "--on-active=2", "systemctl", "poweroff", "--force")
            return Did(subprocess.run(off, check=False, timeout=60).returncode, "")
    raise ValueError(order)


def _did(done: subprocess.CompletedProcess[str]) -> Did:
    return Did(done.returncode, done.stdout)


def _applied(owner: Owner, home: str) -> Did:
    return _did(owner.apply(home, WINDOW, "--auto-confirm"))


def _with_word(owner: Owner, home: str, tell: lab.Tell) -> Did:
    done = owner.apply(home, WINDOW)
    if done.returncode:
        return _did(done)
    time.sleep(REST)
    tell("at asked")
    done = owner.run("confirm", f"{home}.yaml", "--to", HOST)
    if done.returncode == 0:
        tell("at acknowledged")
    return _did(done)


def _in_silence(owner: Owner, home: str) -> Did:
    """The status is 0 where no apply is open in the end."""
    done = owner.apply(home, SHORT)
    over = _over()
    return Did(1 if over is None else 0, f"{done.stdout}\nover after {over} seconds")


def _filled() -> Did:
    """As many generations as there may be: the next apply discards some."""
    store = Store(PLACES)
    number = store.confirmed()
    one = store.generation(number)
    contents = {file.path: store.content(number, file.path) for file in one.files}
    numbers = [store.stage(one, contents).number for _ in range(KEPT)]
    return Did(0, f"{numbers}")


def _stands(owner: Owner) -> Standing:
    clock = time.time()
    over = _over()
    return Standing(over, owner.answers(), Store(PLACES).confirmed(), last(), _steady(), clock)


def _over() -> float | None:
    began = time.monotonic()
    while time.monotonic() < began + BACK:
        if not PLACES.window.exists() and not PLACES.live.exists():
            return time.monotonic() - began
        time.sleep(0.5)
    return None


def _steady() -> dict[str, str]:
    """Daemons and links take their time after a boot."""
    end = time.monotonic() + 60
    before, now = {"": ""}, looks()
    while now != before and time.monotonic() < end:
        time.sleep(3)
        before, now = now, looks()
    return now


def _watched(do: Callable[[], Did], tell: lab.Tell) -> Did:
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(tell, over), daemon=True)
    watch.start()
    try:
        return do()
    finally:
        over.set()
        watch.join()


def _watch(tell: lab.Tell, over: threading.Event) -> None:
    left = dict(MOMENTS)
    while left and not over.wait(0.001):
        for name in [name for name, reached in left.items() if reached()]:
            tell(f"at {name}")
            del left[name]


def _window() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(PLACES.window.read_text())["window"]
    except (FileNotFoundError, ValueError):
        return {}
    return found


def _phase(name: str) -> Callable[[], bool]:
    return lambda: _window().get("phase") == name


def _said(pattern: str) -> Callable[[], bool]:
    def reached() -> bool:
        if not _window():
            return False
        news = PLACES.progress.read_text(errors="replace").splitlines()
        return any(re.search(pattern, line) for line in news)

    return reached


def _committed() -> bool:
    window = _window()
    return bool(window) and PLACES.confirmed.is_symlink() and PLACES.confirmed.readlink().name == str(window["new"])


MOMENTS: dict[str, Callable[[], bool]] = {
    "staging": (PLACES.generations / ".staging").exists,
    "pruning": (PLACES.generations / ".going").exists,
    "armed": _phase("armed"),
    "switching": _phase("switching"),
    "files": _said(r'"step": "switch", "text": "[0-9]+ files are in place'),
    "firewall": _said(r'"step": "switch", "text": "the firewall is loaded'),
    "networkd": _said(r'"step": "switch", "text": "networkd '),
    "waiting": _phase("waiting"),
    "committed": _committed,
    "returning": _phase("returning"),
    "returning-files": _said(r'"step": "return", "text": "[0-9]+ files are in place'),
}
"""In the order of an apply; ``asked`` and ``acknowledged`` are told by the owner."""
