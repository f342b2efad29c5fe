"""A cut is played: the power goes, the machine boots again, and what stands is held against what is to."""

from __future__ import annotations

import pickle
import random
import time
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from bailiwick.twin.options import IN_A_BOOTED_ONE
from bailiwick.twin.trial import aimed_at
from tests.agent.guest.homes import homes
from tests.agent.guest.looks import differences
from tests.agent.guest.power import log
from tests.agent.guest.power.cuts import EITHER, NEW, OLD, WORD, Cut, Disk
from tests.agent.guest.power.disk import copy
from tests.agent.guest.power.ground import DEAD, Ground, Power, Told
from tests.agent.guest.power.inside import Did, Standing
from tests.twin.homes import home_of

FIRST = 1
"""The number of the generation that is confirmed before any cut."""
BOOT = "bailiwick-boot.service"
"""Has run where an apply was open when the power went, and nowhere else; it is told as long as the machine is up."""
ERA = 30 * 86400.0
"""Seconds: so far behind, a clock is a wrong one."""


@dataclass(frozen=True, slots=True)
class Judged:
    """``what`` and ``disk`` name the row; ``following``: how the next apply ended, where there was one. ``wrong``
    has a sentence for each thing that is not as it is to be."""

    what: str
    disk: str
    stands: str
    following: str
    wrong: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Base:
    """How the two generations look after an orderly boot, and a whole apply of the new one, by its marks."""

    looks: dict[str, dict[str, str]]
    marks: dict[str, int]


class Trial:
    """In ``directory``, where the first disk, the log of a whole apply, its looks, and what each kill leaves are kept
    for the next time."""

    def __init__(self, directory: Path, told: Told | None = None) -> None:
        self.directory, self.told = directory, told
        directory.mkdir(parents=True, exist_ok=True)

    @cached_property
    def ground(self) -> Ground:
        texts = homes()
        one = home_of(texts["home"])
        aimed = aimed_at(one.network, one.intent, one.plan, (one.tree,), IN_A_BOOTED_ONE)
        return Ground(self.directory, aimed.script, texts)

    @cached_property
    def golden(self) -> Path:
        """A disk after a first apply that was confirmed, and an orderly end."""
        disk = self.directory / "golden"
        if not disk.exists():
            made = copy(self.ground.blank, self.directory / "making")
            _accomplished(self.ground.boot(made, ("first", "off"), told=self.told))
            made.rename(disk)
        return disk

    @cached_property
    def base(self) -> Base:
        kept = self.directory / "base"
        if not kept.exists():
            disk = self._disk("whole")
            boot = self.ground.boot(disk, ("look", WORD, "off"), log=self.log, told=self.told)
            _accomplished(boot)
            after = self.ground.boot(disk, ("look", "off"), told=self.told)
            looks = {OLD: boot.standing.looks, NEW: after.standing.looks}
            kept.write_bytes(pickle.dumps(Base(looks, boot.marks)))
        found: Base = pickle.loads(kept.read_bytes())
        return found

    @property
    def log(self) -> Path:
        """Of the whole apply."""
        return self.directory / "whole.log"

    def _disk(self, name: str) -> Path:
        return copy(self.golden, self.directory / name)

    def cut(self, one: Cut) -> list[Judged]:
        """The power goes once, and the machine boots from each of the disks that this may leave."""
        began = time.monotonic()
        left, written = self.directory / f"{one.at}.left", self.directory / f"{one.at}.log"
        if one.logged:
            written = self.log
            done = log.writes(written)[: self.base.marks[one.at]]
            log.replay(written, done, self._disk(left.name))
        else:
            if not left.exists():
                disk = self._disk("cut")
                self.ground.boot(disk, one.orders, cut=one.at, log=written, told=self.told)
                disk.rename(left)
            done = log.writes(written)
        taken = time.monotonic() - began
        judged = []
        for number, kind in enumerate(one.disks):
            began = time.monotonic()
            if kind is Disk.ALL:
                disk = copy(left, self.directory / "cut")
            else:
                disk = self._disk("cut")
                log.replay(written, log.survivors(done, _chance(kind, number)), disk)
            after = self.ground.boot(disk, _orders(one.again and number == 0), told=self.told)
            judged.append(self._judged(name_of(one), kind, one.ends, after, time.monotonic() - began + taken))
        if one.battery:
            judged.append(self._without_battery(left, _orders(one.again), name_of_battery(one), one.ends))
        return judged

    def in_order(self) -> Judged:
        """No cut at all: an orderly end, and a clock whose battery is dead."""
        return self._without_battery(self.golden, ("look",), name_of_battery(), frozenset({OLD}))

    def _without_battery(self, disk: Path, orders: tuple[str, ...], what: str, ends: frozenset[str]) -> Judged:
        began = time.monotonic()
        after = self.ground.boot(copy(disk, self.directory / "cut"), orders, clock=DEAD, told=self.told)
        judged = self._judged(what, Disk.ALL, ends, after, time.monotonic() - began)
        late = time.time() - after.standing.clock
        wrong = judged.wrong if late > ERA else (*judged.wrong, f"the clock was {late:.0f} seconds late only")
        return replace(judged, wrong=wrong)

    def cut_at_random(self, number: int) -> list[Judged]:
        """At a write of the whole apply, with the disk that a cache of its own may leave."""
        began = time.monotonic()
        marks = self.base.marks
        chance = random.Random(number)
        at = chance.randrange(marks["staging"], marks["acknowledged"] + 40)
        ends = EITHER if marks["asked"] <= at < marks["acknowledged"] else frozenset({_expected(at, marks)})
        disk = self._disk("cut")
        log.replay(self.log, log.survivors(log.writes(self.log)[:at], chance), disk)
        after = self.ground.boot(disk, ("look",), told=self.told)
        return [self._judged(name_of_random(number), Disk.PART, ends, after, time.monotonic() - began)]

    def _judged(self, what: str, kind: Disk, ends: frozenset[str], after: Power, seconds: float) -> Judged:
        stands, following, wrong = "", "", []
        for one in after.found:
            if isinstance(one, Standing):
                stands = stands or _name(one)
                wrong += wrong_with(one, stands, ends, self.base.looks)
            else:
                following = "works" if one.status == 0 else "fails"
            if isinstance(one, Did) and one.status != 0:
                wrong.append(f"the next apply ended with status {one.status}: {one.said[-300:]}")
        return Judged(what, kind.value, stands, following, tuple(wrong), seconds)


def wrong_with(one: Standing, stands: str, ends: frozenset[str], looks: dict[str, dict[str, str]]) -> list[str]:
    """In sentences. ``stands``: the generation said to stand; ``looks``: how each does after an orderly boot."""
    wrong = []
    if one.over is None:
        wrong.append("an apply is still open")
    if not one.answers:
        wrong.append("ssh does not answer")
    if _name(one) != stands or stands not in ends:
        wrong.append(f"generation {one.confirmed} is the confirmed one")
    if ('"what": "confirmed"' in one.last and f'"generation": {FIRST},' not in one.last) != (stands == NEW):
        wrong.append(f"the history ends with {one.last}")
    return [*wrong, *differences(_plain(looks[stands]), _plain(one.looks))]


def _plain(looks: dict[str, str]) -> dict[str, str]:
    """Lines, of which their order says something in the rules alone: links are listed as they came, and that is as
    networkd found their files."""
    lines = {name: text.splitlines() for name, text in looks.items()}
    lines["units"] = [line for line in lines["units"] if line.strip() != BOOT]
    return {name: "\n".join(found if name == "rules" else sorted(found)) for name, found in lines.items()}


def name_of(one: Cut) -> str:
    """Of its rows."""
    return f"{one.what} (by the log)" if one.logged else one.what


def name_of_random(number: int) -> str:
    """Of its row."""
    return f"at any write (by the log), die {number + 1}"


def name_of_battery(one: Cut | None = None) -> str:
    """Of its row."""
    return f"{name_of(one) if one else 'after an orderly end'}; then the battery of the clock is dead"


def _name(one: Standing) -> str:
    return OLD if one.confirmed == FIRST else NEW


def _orders(again: bool) -> tuple[str, ...]:
    return ("look", "again:other") if again else ("look",)


def _chance(kind: Disk, number: int) -> random.Random | None:
    return random.Random(number) if kind is Disk.PART else None


def _expected(at: int, marks: dict[str, int]) -> str:
    return NEW if at >= marks["acknowledged"] else OLD


def _accomplished(power: Power) -> None:
    """Raises AssertionError: nothing can be judged by what did not work without any cut."""
    for one in power.found:
        assert not isinstance(one, Did) or one.status == 0, one
