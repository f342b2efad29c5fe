"""The course of an apply on the device: what the state machine decides is written down, and then carried out.

Here is the only place where that happens. Whoever brings an event (a command of the owner's, the switch, the timer)
takes the record's lock, decides, writes, lets go, and acts. What is put back is put back by the timer alone.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace

from bailiwick.agent import program
from bailiwick.agent.commands import CommandFailed
from bailiwick.agent.disk import durable, history, record, space
from bailiwick.agent.disk.lock import Held, lock
from bailiwick.agent.disk.origin import Origin
from bailiwick.agent.disk.pointer import confirmed
from bailiwick.agent.disk.store import Store
from bailiwick.agent.look import live
from bailiwick.agent.machine import Machine
from bailiwick.agent.model import ORIGIN, same
from bailiwick.agent.window import news
from bailiwick.agent.window.decisions import Armed, Decision, Do, Event, Failed, Phase, Tick, Window, decide_at
from bailiwick.agent.window.recovery import pointed

WAYS_IN = ("ssh.service", "ssh.socket", "dropbear.service")
"""Nobody's of ours; but a device that takes itself back must let its owner in again, whoever stopped them."""
SPARE = 1 << 20
"""Bytes kept free for the way back, beside those of the files themselves."""


class WindowOpen(Exception):
    """An apply is not confirmed yet; ``window`` is its record."""

    def __init__(self, window: Window) -> None:
        owner = f" of {window.owner}" if window.owner else ""
        super().__init__(f"the apply{owner} of generation {window.new} is {window.phase.value}, and not confirmed yet")
        self.window = window


class NoWindow(Exception):
    """No apply is open, so there is nothing to confirm, extend or give up."""


class Drifted(Exception):
    """The device does not look as it did when the apply was planned."""


class NotArmed(Exception):
    """The timer that would take the apply back, or the switch, cannot be started. Nothing was changed."""


class Refused(Exception):
    """The state machine's answer; its sentence says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """``number`` of the generation, ``patience`` and ``limit`` in seconds, ``token`` the SHA-256 of the word that will
    confirm, ``expect`` the digest of how the device looked when this was planned ("": whatever it looks like)."""

    number: int
    patience: float
    limit: float
    token: str
    owner: str = ""
    expect: str = ""


def begin(machine: Machine, asked: Asked) -> bool:
    """Arm the timer and start the switch; False where the device is as asked already: nothing is touched then.

    Raises WindowOpen, Drifted, NotArmed, ``lock.Held``, ``store.Damaged``, ``store.Refused``, ``live.Unseen``,
    ``origin.NotRemembered``, ``durable.NotWritten``: nothing of the network was changed then.
    """
    places = machine.places
    store = Store(places)
    with lock(places, asked.owner):
        old = store.confirmed()
        _refuse_open(machine)
        for number in (old, asked.number):
            store.verify(number)
        Origin(places).verify()
        if asked.expect and asked.expect != live.digest(machine.look(old)):
            raise Drifted("the device does not look as it did when this was planned: somebody changed it meanwhile")
        drifted = machine.drifted()
        if not drifted and same(store.generation(old), store.generation(asked.number)):
            return False
        _let_go(machine)
        machine.remember(asked.number)
        _write_before(machine, old, asked.number, drifted)
        _arm(machine, asked, old)
    carry(machine, Armed())
    return True


def carry(machine: Machine, event: Event) -> Decision:
    """What ``event`` leads to, written down and done. Raises NoWindow, Refused, ``lock.Held``, NotWritten."""
    window, decision = note(machine, event)
    for do in decision.do:
        match do:
            case Do.SWITCH:
                _start(machine)
            case Do.RETURN:
                machine.wake_deadman()
            case Do.COMMIT | Do.CLOSE:
                end(machine, window, decision)
            case Do.REFUSE:
                raise Refused(decision.reason)
    return decision


def note(machine: Machine, event: Event, only: Phase | None = None, insist: bool = False) -> tuple[Window, Decision]:
    """The window before ``event``, and what was decided and written down. ``only``: it is about that phase, and nothing
    is decided in another. A commit is done here, while nobody else can decide: the moment that the new generation is
    the confirmed one, the window is over (``record.load``). Raises as ``carry``."""
    places = machine.places
    with record.held(places, insist):
        window = record.load(places)
        if window is None:
            raise NoWindow("no apply is open on this device")
        if only is not None and window.phase is not only:
            return window, Decision(window)
        decision = decide_at(window, event, machine.now(), machine.boot())
        if Do.COMMIT in decision.do:
            Store(places).confirm(window.new)
        if decision.window is None:
            record.clear(places)
        elif decision.window != window:
            stuck = decision.window.phase is Phase.STUCK
            record.save(places, replace(decision.window, reason=decision.reason) if stuck else decision.window)
    return window, decision


def end(machine: Machine, window: Window, decision: Decision) -> None:
    """After the record is gone: it is told, and what only an open window needs goes. ``live.json`` goes last, so that
    a death in between shows (``finish``). Raises NotWritten."""
    places = machine.places
    kept = Do.COMMIT in decision.do
    what = "confirmed" if kept else "returned"
    news.tell(places, machine.now(), what, decision.reason)
    space.release(places)
    history.append(
        places, what=what, generation=window.new, before=window.old, owner=window.owner, reason=decision.reason
    )
    if not kept:
        pointed(places, window.old)
    else:
        machine.committed(window.new)
        if window.new == ORIGIN:
            machine.move_out()
    durable.remove(places.live)


def begins(machine: Machine) -> bool:
    """Whether an apply is being begun: its timer is there before its record is."""
    if not machine.places.live.exists():
        return False
    try:
        with lock(machine.places, "the timer"):
            return False
    except Held:
        return True


def finish(machine: Machine) -> None:
    """What the end of a window leaves undone when the process that ended it died in it. Nothing while another command
    runs, which then sees to it. Raises NotWritten, ``pointer.Damaged``, SwitchFailed."""
    places = machine.places
    with suppress(Held), lock(places, "the timer"):
        if not places.live.exists() or record.load(places) is not None:
            return
        number, outlived = confirmed(places), places.window.exists()
        record.clear(places)
        space.release(places)
        said = history.entries(places)
        # Where a power cut took the record already and the history not yet, nothing outlived it: it was never told.
        never = number != ORIGIN and ("confirmed", number) not in [
            (one.get("what"), one.get("generation")) for one in said
        ]
        if never or (outlived and not any(entry.get("generation") == number for entry in said[-1:])):
            why = "whoever was given the word did not live to say so"
            history.append(places, what="confirmed", generation=number, reason=why)
        machine.committed(number)
        durable.remove(places.live)


def differences(machine: Machine, window: Window) -> tuple[str, ...]:
    """Between how the device looked before the apply that is open and how it looks now, in sentences.

    Where it had been changed behind our back before, and was taken over, that is not to come back: it is then held
    against the old generation itself. Raises NotWritten, Unseen, ValueError.
    """
    try:
        data = json.loads(durable.read(machine.places.live))
        if data["drifted"]:
            return machine.drifted(data["rules"])
        before = live.from_data(data["live"])
        return tuple(one.sentence for one in live.differences(before, machine.look(window.old, window.new)))
    except (FileNotFoundError, KeyError, TypeError) as error:
        raise ValueError(f"how the device looked before is not known: {error}") from error


def ways_in(machine: Machine) -> tuple[str, ...]:
    """Units by which people came in when the apply began."""
    return _before(machine, "ways in") or ()


def tables_before(machine: Machine) -> tuple[str, ...] | None:
    """The packet filter's tables when the apply began."""
    return _before(machine, "tables")


def _before(machine: Machine, what: str) -> tuple[str, ...] | None:
    """None where it is not known: ``differences`` tells so."""
    try:
        return tuple(json.loads(durable.read(machine.places.live))[what])
    except (FileNotFoundError, KeyError, ValueError):
        return None


def _start(machine: Machine) -> None:
    """Raises NotArmed."""
    try:
        machine.start_switch()
    except CommandFailed as failure:
        carry(machine, Failed(f"the switch could not be started: {failure}"))
        raise NotArmed(f"the switch could not be started, so nothing was changed: {failure}") from failure


def _refuse_open(machine: Machine) -> None:
    """Raises WindowOpen. A window of another boot, or one whose timer never began, is brought to its end first."""
    window = record.load(machine.places)
    if window is None:
        record.clear(machine.places)  # one that a power cut left behind its commit
        return
    if window.phase is not Phase.STUCK:
        _, decision = note(machine, Tick(machine.now(), machine.boot()))
        window = decision.window or window
        machine.wake_deadman()
    raise WindowOpen(window)


def _let_go(machine: Machine) -> None:
    """The timer of the apply before leaves, before anything tells it that another one begins. Raises NotArmed."""
    try:
        machine.let_go()
    except CommandFailed as failure:
        raise NotArmed(f"the timer could not be armed, so nothing was changed: {failure}") from failure


def _write_before(machine: Machine, old: int, new: int, drifted: tuple[str, ...]) -> None:
    """For ``differences``, ``ways_in`` and ``tables_before``. Raises Unseen, NotWritten."""
    ways = [name for name, (_, runs) in machine.units(WAYS_IN).items() if runs]
    looks = live.as_data(machine.look(old, new))
    rules = machine.rules_of(old) if drifted else {}
    before = {"live": looks, "drifted": drifted, "rules": rules, "ways in": ways, "tables": machine.tables()}
    text = json.dumps(before, indent=1, sort_keys=True) + "\n"
    durable.write(machine.places.live, text.encode(), owner=durable.own())


def _arm(machine: Machine, asked: Asked, old: int) -> None:
    """Raises NotArmed, and then the record is gone again."""
    places = machine.places
    news.begin(places)
    space.reserve(places, machine.size(old) + SPARE)
    now = machine.now()
    deadline = now + asked.limit
    window = Window(old, asked.number, Phase.ARMED, machine.boot(), deadline, asked.patience, asked.token, asked.owner)
    before = program.current(places)
    try:
        machine.settle_in()
        machine.start_deadman()  # first: no moment has a record and nobody who looks at it
        with record.held(places):
            record.save(places, window)
        news.tell(places, now, "arm", f"generation {asked.number} is to be put in the place of {old}")
        news.tell(places, machine.now(), "arm", f"the timer is armed, and can put generation {old} back")
    except (CommandFailed, durable.NotWritten, program.NotPushed) as failure:
        _disarm(machine, window, before)
        raise NotArmed(f"the timer could not be armed, so nothing was changed: {failure}") from failure


def _disarm(machine: Machine, window: Window, before: str | None) -> None:
    """The record goes, unless the timer was there after all and something has been decided since."""
    places = machine.places
    with record.held(places):
        if record.load(places) == window:
            record.clear(places)
    program.restore(places, before)
    space.release(places)
    durable.remove(places.live)
