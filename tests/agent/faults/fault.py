"""One fault: what is done to the device, when, and how an apply may end that met it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.agent.faults import homes
from tests.agent.faults.homes import Wanted
from tests.agent.faults.owner import Owner
from tests.agent.faults.world import World

OLD, NEW = "old", "new"
EITHER = frozenset({OLD, NEW})


def nothing(world: World) -> None:
    """Nothing is done."""


def goes_on(owner: Owner, number: int) -> None:
    """The owner does as usual: waits until it stands, and confirms."""
    window = owner.waited()
    if window is not None and window["phase"] == "waiting":
        owner.confirm()


def is_silent(owner: Owner, number: int) -> None:
    """The owner's desk is empty."""


@dataclass(frozen=True)
class Fault:
    """``ref`` is its number in the list of faults. ``strike`` is played at each of ``moments``, once; ``before`` when
    the device stands and nothing has begun. ``ends``: the generations that may stand in the end. ``stuck``: the way
    back itself is broken, so the device may stay with a record that says so. ``refused``: nothing may begin. ``first``:
    on a stranger's machine, where the old generation is what was there before. ``owner`` is what is done once
    ``begin`` was asked. ``after`` mends what keeps the next apply from working; ``passes``: it does so before
    anything is looked at, as nothing could be as it should before. ``wider`` lets the outside see more for as long
    as the fault is what opened it. ``asks``: the device's own tools are asked first, as by ``bailiwick apply``, and an
    error of theirs ends it. ``leased``: what stands is what ``before`` has applied, and lines that match this come and
    go by somebody else's word. ``following`` is what is applied after it all."""

    name: str
    ref: str
    what: str
    strike: Callable[[World], None] = nothing
    moments: tuple[str, ...] = ("begin switch",)
    before: Callable[[World], None] = nothing
    after: Callable[[World], None] = nothing
    wanted: Callable[[], Wanted] = homes.new
    ends: frozenset[str] = EITHER
    stuck: bool = False
    refused: bool = False
    first: bool = False
    frozen: bool = True
    wider: bool = False
    passes: bool = False
    owner: Callable[[Owner, int], None] = field(default=goes_on)
    patience: float = 4.0
    asks: bool = False
    leased: str = ""
    following: Callable[[], Wanted] = homes.following
