"""One fault at one moment of one apply, and whether everything that must always be so was so."""

from __future__ import annotations

import pickle
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

from bailiwick.apply.agent_file import agent_file
from bailiwick.apply.protocol import Refusal
from bailiwick.twin.scene.namespaces import CommandFailed
from bailiwick.twin.stages.namespaces import StageError
from tests.agent.faults import homes
from tests.agent.faults.fault import NEW, OLD, Fault
from tests.agent.faults.homes import Wanted
from tests.agent.faults.moments import MOMENTS, NotReached, Trap
from tests.agent.faults.outside import greeted, named
from tests.agent.faults.owner import LIMIT, LOST, PATIENCE, Owner
from tests.agent.faults.portrait import Portrait, portrait
from tests.agent.faults.world import World, keep, world

OVER = LIMIT + PATIENCE + 75.0
"""Seconds from the fault within which everything must be over: the limit, the silence, the way back."""
ROUNDS = 10
"""How often the stranger tries again what should be open and did not answer."""
ANSWER = 0.4
"""Seconds around a change of generation for which a try of the stranger's may have met either."""


class Verdict(StrEnum):
    HELD = "held"
    VIOLATED = "VIOLATED"
    MISSED = "not reached"
    """The apply was over before the moment came."""


@dataclass
class Judged:
    """``end`` is the generation that stood in the end; ``wrong`` are the violations, a sentence each."""

    fault: Fault
    moment: str
    verdict: Verdict = Verdict.HELD
    end: str = ""
    struck: str = ""
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Ground:
    """What every run begins from, and what it is held to."""

    run: Path
    disk: Path
    """Of a device on which ``homes.old`` was applied and confirmed, and that was restarted since."""
    looks: dict[str, Portrait]
    news: tuple[str, ...]
    """What a switch that nothing disturbs has to say."""


class NoGround(Exception):
    """An apply that nothing disturbs does not end as it should."""


@cache
def ground(kept: Path | None = None) -> Ground:
    """Made once for a process; ``kept`` is a directory from which an earlier run's is taken where its agent was the
    same, and in which it is left. Raises NoGround."""
    run = Path(tempfile.mkdtemp(prefix="bailiwick-faults-"))
    place = (kept or run) / f"ground-{agent_file().sha256[:16]}"
    if not place.exists():
        partial = Path(tempfile.mkdtemp(dir=place.parent))
        looks, news = _made(partial)
        (partial / "looks").write_bytes(pickle.dumps((looks, news)))
        if not place.exists():  # somebody else was quicker
            partial.rename(place)
    looks, news = pickle.loads((place / "looks").read_bytes())
    for name in ("key", "key.pub"):
        shutil.copy(place / name, run)
    return Ground(run, place / "disk", looks, news)


def _made(run: Path) -> tuple[dict[str, Portrait], tuple[str, ...]]:
    """Disk and key in ``run``; how each generation looks, and what a switch that nothing disturbs says."""
    disk = run / "disk"
    looks: dict[str, Portrait] = {}
    with world(run, None) as scene:
        scene.box.boot()
        time.sleep(4)  # link-local addresses take their time (RFC 4862 section 5.4)
        looks["origin"] = settled(scene)
        _applied(scene, homes.old(), 15.0)
        looks[OLD] = settled(scene)
        scene.box.power_cut()
        scene.box.boot()
        if differs := settled(scene).against(looks[OLD]):
            raise NoGround(f"after a restart the old generation looks otherwise: {differs[:8]}")
        keep(scene.box, disk)
    with world(run, disk) as scene:
        scene.box.boot()
        _applied(scene, homes.new(), 15.0)
        looks[NEW] = settled(scene)
        news = tuple(scene.news())
        _applied(scene, homes.old(), 15.0)
        if differs := settled(scene).against(looks[OLD]):
            raise NoGround(f"after there and back the old generation looks otherwise: {differs[:8]}")
        _applied(scene, homes.following(), 15.0)
        looks["next"] = settled(scene)
    return looks, news


def _applied(scene: World, wanted: Wanted, patience: float) -> None:
    owner = Owner(scene)
    if not owner.apply(wanted, patience):
        raise NoGround(f"{wanted.name} is not applied: {owner.said}; {scene.news()}; {scene.box.journal()[-3000:]}")


def settled(scene: World, against: Portrait | None = None, seconds: float = 30.0, but: str = "") -> Portrait:
    """How the device looks once two looks are alike, or as soon as it looks as it should, but for what matches."""
    end = time.monotonic() + seconds
    before = portrait(scene.box)
    while time.monotonic() < end:
        if against is not None and not before.against(against, but):
            return before
        time.sleep(0.3)
        now = portrait(scene.box)
        if against is None and now == before:
            return now
        before = now
    return before


def judge(fault: Fault, moment: str, kept: Path | None = None) -> Judged:
    """A minute at most; ten to twenty seconds as a rule."""
    base = ground(kept)
    judged = Judged(fault, moment)
    began = time.monotonic()
    with world(base.run, None if fault.first else base.disk) as scene:
        run = _Run(scene, Owner(scene), judged, base)
        try:
            scene.box.boot()
            run.play()
        except NotReached:
            judged.verdict = Verdict.MISSED
        except (StageError, CommandFailed, TimeoutError, OSError, RuntimeError) as error:
            judged.wrong.append(f"{type(error).__name__}: {error}")
        if judged.wrong:
            judged.verdict = Verdict.VIOLATED
            with suppress(StageError, CommandFailed, OSError):  # the box may be off by now
                judged.log += [*scene.news(), scene.box.journal("--lines=30")]
        judged.log = [*run.owner.said, *judged.log]
    judged.seconds = time.monotonic() - began
    return judged


@dataclass
class _Run:
    scene: World
    owner: Owner
    judged: Judged
    base: Ground
    number: int = 0
    """Of the generation that is applied; 0 before it is staged."""
    _before: list[str] = field(default_factory=list)
    _stood: Portrait | None = None
    """How the old generation looked, where it is the fault's own."""

    def play(self) -> None:
        """Raises NotReached, and whatever the scene raises."""
        fault, scene = self.judged.fault, self.scene
        wanted = fault.wanted()
        fault.before(scene)
        self._stood = settled(scene) if fault.leased else None
        self._before = scene.news()
        scene.scan.start()
        start = time.monotonic()
        trap = Trap(scene, MOMENTS[self.judged.moment], fault.strike, fault.frozen)
        trap.set()
        if self._begun(wanted):
            with suppress(*LOST, TimeoutError):
                fault.owner(self.owner, self.number)
        self._until_over(trap)
        trap.done()
        self.judged.struck = trap.sprung
        if fault.passes:
            time.sleep(PATIENCE)
            fault.after(scene)
        end = self._ended(trap.at + OVER)
        self._is_whole(end, wanted)
        if not fault.first:
            self._outside(start, homes.old().open | wanted.open)
        if not fault.passes:
            fault.after(scene)
        self._goes_again()

    def _begun(self, wanted: Wanted) -> bool:
        """Whether a window may be open now."""
        try:
            if self.judged.fault.asks and (found := self.owner.preflight(wanted)):
                self.judged.log.append(f"refused by the pre-flight: {found}")
                return False
            self.number = self.owner.stage(wanted)
            return self.owner.begin(self.number, self.judged.fault.patience)
        except Refusal as refusal:
            self.judged.log.append(f"refused: {refusal}")
        except LOST:
            return True  # who knows
        return False

    def _until_over(self, trap: Trap) -> None:
        """The window may close without the owner; the trap's moment may be on that way."""
        end = time.monotonic() + OVER
        while time.monotonic() < end and not trap.struck():
            if trap.failed is not None or (self.scene.box.pid and not self.scene.window() and not trap.sprung):
                time.sleep(0.2)
                return
            time.sleep(0.02)

    def _wrong(self, sentence: str) -> None:
        self.judged.wrong.append(sentence)

    def _ended(self, until: float) -> str:
        """Which generation is said to stand; "" where the record is still there."""
        fault, scene = self.judged.fault, self.scene
        while (window := scene.window()) and time.monotonic() < until:
            if window.get("phase") == "stuck":
                break
            time.sleep(0.05)
        if window:
            self.judged.end = str(window["phase"])
            if window["phase"] != "stuck" or not fault.stuck:
                self._wrong(f"the record is still there: {window['phase']}: {window['reason']}")
            elif not window["reason"]:
                self._wrong("it is stuck, and does not say why")
            return ""
        confirmed = scene.confirmed()
        end = NEW if self.number and confirmed == self.number else OLD
        self.judged.end = "origin" if fault.first and confirmed == 0 else end
        if end not in fault.ends:
            self._wrong(f"the {end} generation stands, which must not be")
        if fault.refused and scene.news() != self._before:
            self._wrong("a switch was begun, which must not be")
        return self.judged.end

    def _is_whole(self, end: str, wanted: Wanted) -> None:
        """The live state is the whole of one generation, and management answers."""
        scene = self.scene
        if not greeted(scene.admin.netns, "192.168.10.1"):
            self._wrong("management does not answer")
        if not end:
            return
        whole, but = self.base.looks[end] if wanted.name == NEW or end != NEW else None, ""
        if end == OLD and self._stood is not None:
            whole, but = self._stood, self.judged.fault.leased
        if whole is not None and (differs := settled(scene, whole, but=but).against(whole, but)):
            self._wrong(f"the device is not as the {end} generation says: {'; '.join(differs[:6])}")
        if end == "origin":
            return
        now = wanted if end == NEW else homes.old()
        reached = scene.scan.whole_round()
        for _ in range(ROUNDS):
            if not reached < now.open:
                break
            reached = scene.scan.whole_round()  # an answer may come too late on a busy machine
        if reached != now.open:
            self._wrong(f"the outside reaches {sorted(reached)} and should reach {sorted(now.open)}")
        if not named(scene.web.netns, now.gateway, "web.home.arpa"):
            self._wrong(f"the LAN's resolver at {now.gateway} does not answer")

    def _outside(self, start: float, most: frozenset[str]) -> None:
        scan = self.scene.scan
        if (more := scan.between(start, time.monotonic()) - most) and not self.judged.fault.wider:
            at = {one.what: round(one.at - start, 2) for one in scan.seen if one.what in more}
            self._wrong(f"meanwhile the outside reached what neither generation opens: {at}")

    def _goes_again(self) -> None:
        """Another apply works as ever."""
        if self.scene.window():
            return
        try:
            if not self.owner.apply(self.judged.fault.following(), 15.0):
                self._wrong(f"the next apply is not confirmed: {self.owner.said[-1]}; {self.scene.news()[-1:]}")
                return
        except (Refusal, TimeoutError, *LOST) as error:
            self._wrong(f"the next apply does not work: {error}")
            return
        if self.judged.fault.following is not homes.following:
            return
        whole = self.base.looks["next"]
        differs = settled(self.scene, whole).against(whole)
        if self.judged.fault.first:  # a port that was there before our settings has the kernel's own
            differs = [line for line in differs if ".eth3." not in line]
        if differs:
            self._wrong(f"after the next apply the device is not as it says: {'; '.join(differs[:6])}")
