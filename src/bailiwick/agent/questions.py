"""Commands that change nothing: what the device is, how it looks, how an apply goes, what was done."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from bailiwick.agent import facts as factual
from bailiwick.agent import preflight as checks
from bailiwick.agent.disk import history as past
from bailiwick.agent.disk import record
from bailiwick.agent.disk.origin import Origin
from bailiwick.agent.disk.store import Damaged, Refused, Store
from bailiwick.agent.failures import Input, UnknownGeneration
from bailiwick.agent.look import drift as drifting
from bailiwick.agent.look import listing, live
from bailiwick.agent.machine import Machine, state
from bailiwick.agent.model import ORIGIN, Generation, from_data
from bailiwick.agent.telling import told
from bailiwick.agent.window import news
from bailiwick.agent.window.decisions import Phase
from bailiwick.agent.window.units import BOOT, DEADMAN

Data = dict[str, Any]
Say = Callable[[Data], None]
LOOK = 0.2
"""Seconds between two looks for news."""
LONGEST = 600.0
"""Seconds that one question waits, at most."""


def facts(machine: Machine, asked: Data, say: Say) -> Data:
    """What the device is, and what stands on it."""
    store = Store(machine.places)
    number = store.confirmed()
    window = _window(machine)
    told_of = factual.facts(machine, tuple(map(str, asked.get("units", ()))))
    look_for_drift = asked.get("drift") and window is None and told_of["systemd"]
    return {
        **told_of,
        "confirmed": number,
        "generation": None if number == ORIGIN else asdict(known(store, number)),
        "window": window,
        "lock": factual.holder(machine.places),
        "drift": drift(machine, {}, say) if look_for_drift else None,
    }


def look(machine: Machine, asked: Data, _: Say) -> Data:
    """How it looks."""
    answer: Data = {"digest": live.digest(machine.look(Store(machine.places).confirmed()))}
    return {**answer, "listing": dict(listing.listing().texts)} if asked.get("listing") else answer


def preflight(machine: Machine, asked: Data, _: Say) -> Data:
    """What the device's own tools say of files that are not installed yet."""
    found = checks.preflight(machine.places, *given(asked))
    return {"findings": [asdict(one) for one in found]}


def progress(machine: Machine, asked: Data, say: Say) -> Data:
    """Ends when the switch stands, or the apply is over, or nothing more came in the time."""
    seen = int(number(asked, "after", 0))
    end = machine.now() + min(number(asked, "wait", 0), LONGEST)
    while True:
        window = record.load(machine.places)
        for line in news.lines(machine.places, seen):
            seen = line["line"]
            say(line)
        over = window is None or window.phase in (Phase.WAITING, Phase.STUCK)
        if over or machine.now() >= end:
            return {"window": told(window, machine.now())}
        machine.sleep(LOOK)


def status(machine: Machine, _asked: Data, _: Say) -> Data:
    """How an apply stands, and what is confirmed."""
    store = Store(machine.places)
    number = store.confirmed()
    generation = known(store, number)
    entries = past.entries(machine.places)
    names = (*(generation.enable if number != ORIGIN else ()), DEADMAN, BOOT)
    return {
        "window": _window(machine),
        "confirmed": number,
        "device": generation.device,
        "boot": machine.boot(),
        "units": {name: state(name) for name in names},
        "last": _entry(entries[-1]) if entries else None,
    }


def history(machine: Machine, _asked: Data, _: Say) -> Data:
    """What was done here, and the generations that can be gone back to."""
    store = Store(machine.places)
    told_of = [_generation(store, number, store.confirmed()) for number in store.numbers()]
    return {"entries": [_entry(entry) for entry in past.entries(machine.places)], "generations": told_of}


def show(machine: Machine, asked: Data, _: Say) -> Data:
    """What bears a secret is shown with its marker, never as it is."""
    store = Store(machine.places)
    generation = known(store, int(number(asked, "number")))
    texts = {
        file.path: file.shown.encode() if file.shown else store.content(generation.number, file.path)
        for file in generation.files
    }
    shown = {path: base64.b64encode(text).decode("ascii") for path, text in texts.items()}
    return {"generation": asdict(generation), "contents": shown}


def drift(machine: Machine, _asked: Data, _: Say) -> Data:
    """What differs from the confirmed generation."""
    places = machine.places
    return drifting.as_data(drifting.drift(places, Store(places), Origin(places)))


def known(store: Store, number: int) -> Generation:
    """Raises UnknownGeneration, Damaged."""
    if number != ORIGIN and number not in store.numbers():
        raise UnknownGeneration(f"there is no generation {number} on this device")
    return store.generation(number)


def given(asked: Data) -> tuple[Generation, dict[str, bytes]]:
    """A generation and its contents by path, as they come in. Raises Input, ValueError."""
    generation, contents = asked.get("generation"), asked.get("contents")
    if not isinstance(generation, dict) or not isinstance(contents, dict):
        raise Input("generation and contents are to be objects")
    if not all(isinstance(text, str) for text in contents.values()):
        raise Input("contents are to be base64")
    return from_data(generation), {path: base64.b64decode(text, validate=True) for path, text in contents.items()}


def number(asked: Data, name: str, otherwise: float | None = None) -> float:
    """Raises Input for what is no number that could be meant."""
    value = asked.get(name, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise Input(f"{name} is to be a number, and is {value!r}")
    return value


def _window(machine: Machine) -> Data | None:
    return told(record.load(machine.places), machine.now())


def _entry(entry: Data) -> Data:
    """``when`` is what the file calls ``at``."""
    return {"when": entry.get("at", ""), **{key: value for key, value in entry.items() if key != "at"}}


def _generation(store: Store, number: int, confirmed: int) -> Data:
    """One that is damaged is listed, too, as not whole."""
    try:
        store.verify(number)
        whole = True
    except (Damaged, Refused):
        whole = False
    try:
        found = store.generation(number)
    except (Damaged, Refused):
        found = Generation(number, "", "")
    return {
        "number": number,
        "made": found.made,
        "device": found.device,
        "tool": found.tool,
        "source": found.source,
        "files": len(found.files),
        "confirmed": number == confirmed,
        "whole": whole,
    }
