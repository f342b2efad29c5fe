"""A device without a kernel: what it runs is a number, and what may fail does so when it is told to."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bailiwick.agent.commands import CommandFailed
from bailiwick.agent.disk.store import Store
from bailiwick.agent.look.aspects.fact import Fact
from bailiwick.agent.look.live import Live
from bailiwick.agent.machine import Machine
from bailiwick.agent.model import File, Generation, Probe
from bailiwick.agent.places import Places
from bailiwick.agent.switch.switching import SwitchFailed

WORD = "a word that nobody guesses"
TOKEN = hashlib.sha256(WORD.encode()).hexdigest()
FILE = "/etc/bailiwick/example"


@dataclass
class World:
    """``stands`` is the generation that the device is as; ``also`` what else is to be seen on it."""

    clock: float = 1000.0
    boot: str = "first"
    stands: int = 0
    also: list[str] = field(default_factory=list)
    switches: bool = False
    deadman: bool = True
    broken: set[int] = field(default_factory=set)
    connected: float | None = None  # None: the machine's own console
    going: str = ""  # the address that this connection came to, where it goes
    down: tuple[str, ...] = ()
    did: list[str] = field(default_factory=list)
    known: list[dict[str, str]] = field(default_factory=list)  # what was known of the rules at each look for a drift
    while_sleeping: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Fake(Machine):
    world: World = field(default_factory=World)

    def now(self) -> float:
        return self.world.clock

    def boot(self) -> str:
        return self.world.boot

    def sleep(self, seconds: float) -> None:
        self.world.clock += seconds
        self.world.while_sleeping()

    def came_by_going(self) -> str:
        return self.world.going

    def connected(self) -> float | None:
        return self.world.connected

    def settle_in(self) -> None:
        self.world.did.append("settle in")

    def move_out(self) -> None:
        self.world.did.append("move out")

    def let_go(self) -> None:
        pass

    def start_deadman(self) -> None:
        self.world.did.append("timer")
        if not self.world.deadman:
            raise CommandFailed("`systemctl start` failed (1): it is not there")

    def wake_deadman(self) -> None:
        self.world.did.append("wake")

    def start_switch(self) -> None:
        self.world.did.append("switch")
        self.world.switches = True

    def switch_runs(self) -> bool:
        return self.world.switches

    def kill_switch(self) -> None:
        self.world.switches = False

    def switch(self, target: int, tell: Callable[[str], None]) -> None:
        tell(f"to {target}")
        self.world.did.append(f"to {target}")
        if target in self.world.broken:
            self.world.stands = -1
            raise SwitchFailed("firewall", "nft does not take it")
        self.world.stands = target

    def restore(self, target: int, tell: Callable[[str], None]) -> None:
        tell(f"files of {target}")
        self.world.did.append(f"files of {target}")

    def committed(self, number: int) -> None:
        self.world.did.append(f"committed {number}")

    def look(self, *numbers: int) -> Live:
        return Live({"rules": tuple(Fact("rule", text) for text in (str(self.world.stands), *self.world.also))})

    def drifted(self, known: Mapping[str, str] = {}) -> tuple[str, ...]:
        self.world.known.append(dict(known))
        return tuple(self.world.also)

    def rules_of(self, number: int) -> dict[str, str]:
        return {f"the rules of {number}": "as nft lists them"}

    def down(self, number: int) -> tuple[str, ...]:
        return self.world.down

    def remember(self, number: int) -> None:
        self.world.did.append(f"remember {number}")

    def units(self, names: Iterable[str]) -> dict[str, tuple[str, bool]]:
        return dict.fromkeys(names, ("enabled", True))

    def tables(self) -> tuple[str, ...]:
        return ("inet bailiwick",)

    def rid(self, before: tuple[str, ...] | None) -> tuple[str, ...]:
        self.world.did.append(f"rid of all but {before}")
        return ()

    def run_again(self, names: Iterable[str]) -> tuple[str, ...]:
        self.world.did += [f"run {name} again" for name in names]
        return ()

    def ready(self) -> None:
        pass


def fake(root: Path) -> Fake:
    for path in ("etc/bailiwick", "var/lib", "run/lock"):
        (root / path).mkdir(parents=True, mode=0o755)
    return Fake(Places(root))


def staged(machine: Machine, text: str, probes: tuple[Probe, ...] = (), shown: str = "") -> int:
    """A generation of one file, owned by whoever runs this."""
    data = text.encode()
    owner = f"{os.geteuid()}:{os.getegid()}"
    file = File(FILE, 0o644, owner, hashlib.sha256(data).hexdigest(), shown=shown)
    return Store(machine.places).stage(Generation(0, "gate", "debian-12", (file,), probes=probes), {FILE: data}).number
