"""Commands of the owner's that change something: an apply's beginning, its end, and its traces."""

from __future__ import annotations

from hashlib import sha256

from bailiwick.agent import program, removal
from bailiwick.agent.disk import record, space
from bailiwick.agent.disk.store import Store
from bailiwick.agent.failures import Input, NoSpace
from bailiwick.agent.machine import Machine
from bailiwick.agent.model import ORIGIN
from bailiwick.agent.questions import Data, Say, given, known, number
from bailiwick.agent.telling import told
from bailiwick.agent.window import course
from bailiwick.agent.window.course import Asked
from bailiwick.agent.window.decisions import Confirm, Do, Extend, GiveUp

LIMIT, PATIENCE = 180.0, 120.0
"""Seconds for the switch itself, and of silence that the owner has, where the asker names none."""
KEPT = 10
"""Generations that stay on the disk, beside those that are needed."""
DIGEST = 64
"""Letters of a SHA-256."""


def stage(machine: Machine, asked: Data, _: Say) -> Data:
    """Write a generation to the disk; nothing else is touched."""
    generation, files = given(asked)
    if lack := space.ensure(machine.places, files):
        raise NoSpace(lack)
    store = Store(machine.places)
    staged = store.stage(generation, files)
    store.prune(KEPT)
    program.prune(machine.places)
    return {"number": staged.number}


def begin(machine: Machine, asked: Data, _: Say) -> Data:
    """Switch to a generation that is there, for as long as the window is open."""
    wanted = known(Store(machine.places), int(number(asked, "number"))).number
    return _begin(machine, asked, wanted)


def uninstall(machine: Machine, asked: Data, _: Say) -> Data:
    """The same, to what stood here before the first of them."""
    return _begin(machine, asked, ORIGIN)


def _begin(machine: Machine, asked: Data, wanted: int) -> Data:
    token = str(asked.get("token", ""))
    if len(token) != DIGEST or set(token) - set("0123456789abcdef"):
        raise Input("token is to be the SHA-256 of a word, in hexadecimal")
    began = course.begin(
        machine,
        Asked(
            wanted,
            number(asked, "patience", PATIENCE),
            number(asked, "limit", LIMIT),
            token,
            str(asked.get("owner", "")),
            str(asked.get("expect", "")),
        ),
    )
    return {"began": True} if began else {"unchanged": True}


def confirm(machine: Machine, asked: Data, _: Say) -> Data:
    """Units that must be active are asked once more: what died since it stood is not confirmed."""
    now = machine.now()
    token = sha256(str(asked.get("token", "")).encode()).hexdigest()
    window = record.load(machine.places)
    if window is None:
        raise course.NoWindow("no apply is open on this device: there is nothing to confirm")
    event = Confirm(token, machine.connected(), now)
    if token == window.token and (down := machine.down(window.new)):
        raise course.Refused(f"not confirmed: {'; '.join(down)}")
    if token == window.token and (address := machine.came_by_going()):
        raise course.Refused(f"you came by {address}, which goes once this is confirmed: confirm at a new address")
    decision = course.carry(machine, event)
    if Do.COMMIT not in decision.do:
        raise course.Refused(decision.reason)
    return {"confirmed": window.new, "text": decision.reason}


def extend(machine: Machine, asked: Data, _: Say) -> Data:
    """More time, while the window is open."""
    decision = course.carry(machine, Extend(machine.now(), number(asked, "patience")))
    if decision.do:
        raise course.Refused(decision.reason)
    return {"window": told(decision.window, machine.now())}


def rollback(machine: Machine, asked: Data, _: Say) -> Data:
    """The old generation, now. The timer brings it."""
    decision = course.carry(machine, GiveUp(str(asked.get("why") or "asked for")))
    return {"returning": decision.window.old if decision.window else ORIGIN}


def destroy(machine: Machine, asked: Data, _: Say) -> Data:
    """Everything of ours, secrets first, after an uninstall."""
    removal.destroy(machine.places, str(asked.get("owner", "")))
    return {"destroyed": True}
