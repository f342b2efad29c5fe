"""Processes that die, stand still or are told to end, and power that goes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

from tests.agent.faults.fault import NEW, OLD, Fault, is_silent, nothing
from tests.agent.faults.moments import BEGINNING, ENDING, RETURN, SWITCH
from tests.agent.faults.owner import Owner
from tests.agent.faults.world import World

Strike = Callable[[World], None]
APPEARS = 20.0
"""Seconds within which a process that was just asked for is there."""
ONLY_OLD, ONLY_NEW = frozenset({OLD}), frozenset({NEW})


def signalled(number: signal.Signals, *words: str) -> Strike:
    """Every process with these words in its command line is sent the signal; the first to come where there is none."""

    def strike(world: World) -> None:
        end = time.monotonic() + APPEARS
        while not (found := world.processes(*words)):
            world.box.thaw()
            if time.monotonic() > end:
                raise RuntimeError(f"no process {words} to be signalled")
            time.sleep(0.001)
        for one in found:
            with suppress(ProcessLookupError):
                os.kill(one, number)

    return strike


def ended(*words: str) -> Strike:
    """What is left of them, if anything."""

    def strike(world: World) -> None:
        for one in world.processes(*words):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)

    return strike


def both(*strikes: Strike) -> Strike:
    def strike(world: World) -> None:
        for one in strikes:
            one(world)

    return strike


def stopped_for(seconds: float, *words: str) -> Strike:
    """SIGSTOP, and SIGCONT later."""

    def strike(world: World) -> None:
        signalled(signal.SIGSTOP, *words)(world)
        world.box.thaw()
        time.sleep(seconds)
        with suppress(RuntimeError):
            signalled(signal.SIGCONT, *words)(world)

    return strike


def power_cut(world: World) -> None:
    world.box.power_cut()
    world.box.boot()


def power_cut_in_the_dark(world: World) -> None:
    """No wire has a carrier when it comes up again; they do a second later."""
    world.box.power_cut()
    cards = ("eth0", "eth1", "eth2", "eth3")
    for card in cards:
        world.box.wall.carrier(card, False)
    world.box.boot()
    time.sleep(1)
    for card in cards:
        world.box.wall.carrier(card, True)


def power_cut_again(times: int, after: float) -> Strike:
    """And so soon that the way back is not over."""

    def strike(world: World) -> None:
        for _ in range(times):
            world.box.power_cut()
            world.box.turn_on()
            time.sleep(after)
        power_cut(world)

    return strike


def gives_up(owner: Owner, number: int) -> None:
    """The owner asks for the old one, as soon as the new one stands."""
    owner.waited()
    owner.ask("rollback", {"why": "the owner changed their mind"})


SWITCHER, TIMER = ("agent/current", "switch"), ("agent/current", "deadman")
KILL, TERM, STOP = signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP

FAULTS = (
    Fault(
        "no-fault", "", "nothing: the owner confirms", nothing, ("lock", *SWITCH[:1], "wait", "commit"), ends=ONLY_NEW
    ),
    Fault("silence", "", "nothing: the owner says nothing", nothing, ("wait",), owner=is_silent, ends=ONLY_OLD),
    Fault("given-up", "", "nothing: the owner asks for the old one", nothing, ("wait",), owner=gives_up, ends=ONLY_OLD),
    Fault("kill-stage", "F01", "`kill -9` of the staging", signalled(KILL, "stage"), ("stage",), ends=ONLY_OLD),
    Fault("kill-begin", "F01", "`kill -9` of the beginning", signalled(KILL, "begin"), BEGINNING[1:], ends=ONLY_OLD),
    Fault("kill-confirm", "F01", "`kill -9` of the confirming", signalled(KILL, "confirm"), ("confirm", "commit")),
    Fault("kill-switch", "F01", "`kill -9` of the switch", signalled(KILL, *SWITCHER), SWITCH, ends=ONLY_OLD),
    Fault("kill-timer", "F02", "`kill -9` of the timer", signalled(KILL, *TIMER), (*SWITCH, "wait"), ends=ONLY_NEW),
    Fault(
        "kill-timer-silence",
        "F02",
        "`kill -9` of the timer, and the owner says nothing",
        signalled(KILL, *TIMER),
        ("arm", "firewall", "wait"),
        owner=is_silent,
        ends=ONLY_OLD,
    ),
    Fault(
        "kill-both",
        "F02",
        "`kill -9` of the switch and the timer at once",
        both(signalled(KILL, *SWITCHER), signalled(KILL, *TIMER)),
        SWITCH[1:],
        ends=ONLY_OLD,
    ),
    Fault(
        "kill-timer-back",
        "F39",
        "`kill -9` of the timer on the way back",
        signalled(KILL, *TIMER),
        RETURN,
        owner=is_silent,
        ends=ONLY_OLD,
    ),
    Fault("term-switch", "F03", "SIGTERM to the switch", signalled(TERM, *SWITCHER), SWITCH[1:4], ends=ONLY_OLD),
    Fault("hup-switch", "F03", "SIGHUP to the switch", signalled(signal.SIGHUP, *SWITCHER), ("networkd",)),
    Fault("term-timer", "F03", "SIGTERM to the timer", signalled(TERM, *TIMER), ("firewall", "wait"), ends=ONLY_NEW),
    Fault(
        "term-begin",
        "F03",
        "SIGHUP, SIGINT and SIGTERM to the beginning",
        both(*(signalled(one, "begin") for one in (signal.SIGHUP, signal.SIGINT, TERM))),
        BEGINNING[1:],
    ),
    Fault("stop-timer", "F03", "SIGSTOP to the timer, for ever", signalled(STOP, *TIMER), ("firewall",), ends=ONLY_NEW),
    Fault(
        "stop-timer-silence",
        "F03",
        "SIGSTOP to the timer, for ever, and the owner says nothing",
        signalled(STOP, *TIMER),
        ("wait", "return"),
        owner=is_silent,
        ends=ONLY_OLD,
    ),
    Fault(
        "stop-switch", "F03", "SIGSTOP to the switch, for ever", signalled(STOP, *SWITCHER), SWITCH[1:4], ends=ONLY_OLD
    ),
    Fault(
        "stop-cont-switch",
        "F03",
        "SIGSTOP to the switch, SIGCONT three seconds later",
        stopped_for(3, *SWITCHER),
        ("write files", "networkd"),
        ends=ONLY_NEW,
    ),
    Fault(
        "stop-begin",
        "F03",
        "SIGSTOP to the beginning, for ever",
        signalled(STOP, "begin"),
        ("snapshot", "arm"),
        after=ended("begin"),
    ),
    Fault("power", "F05", "the power is cut", power_cut, (*BEGINNING, *SWITCH, *ENDING)),
    Fault("power-back", "F05", "the power is cut on the way back", power_cut, RETURN, owner=is_silent, ends=ONLY_OLD),
    Fault(
        "power-thrice",
        "F18",
        "the power is cut, and twice more while it boots",
        power_cut_again(2, 0.25),
        ("firewall", "wait"),
        ends=ONLY_OLD,
    ),
    Fault(
        "power-dark",
        "F17",
        "the power is cut, and no wire lives when it boots",
        power_cut_in_the_dark,
        ("networkd", "wait"),
        ends=ONLY_OLD,
    ),
    Fault(
        "power-first",
        "F05",
        "the power is cut in the very first apply",
        power_cut,
        ("arm", "write files", "sysctl", "rivals", "networkd", "wait", "commit"),
        first=True,
    ),
    Fault(
        "kill-switch-first",
        "F01",
        "`kill -9` of the switch in the very first apply",
        signalled(KILL, *SWITCHER),
        ("write files", "rivals", "services"),
        first=True,
        ends=ONLY_OLD,
    ),
    Fault(
        "silence-first",
        "",
        "nothing: the very first apply, and the owner says nothing",
        nothing,
        ("wait",),
        first=True,
        owner=is_silent,
        ends=ONLY_OLD,
    ),
)
