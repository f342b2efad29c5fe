"""The open apply, where the disk does not say it whole: then what is known comes back, and never nothing."""

from __future__ import annotations

from contextlib import suppress

from bailiwick.agent.disk import durable, record
from bailiwick.agent.disk.pointer import Damaged, confirmed
from bailiwick.agent.machine import Machine
from bailiwick.agent.model import ORIGIN
from bailiwick.agent.places import Places
from bailiwick.agent.window.decisions import Phase, Window


def opened(machine: Machine) -> Window | None:
    """The record of the open apply, None where none is open.

    A damaged one stands for whatever apply it was: the confirmed generation comes back. Raises Damaged where it is not
    known which that is; NotWritten.
    """
    places = machine.places
    try:
        return record.load(places)
    except record.Unreadable as failure:
        old = confirmed(places)
        window = Window(old, old, Phase.RETURNING, machine.boot(), machine.now(), 0.0, "", reason=str(failure))
        with suppress(durable.NotWritten), record.held(places, insist=True):
            record.save(places, window)
        return window


def pointed(places: Places, old: int) -> None:
    """The pointer to the confirmed generation, where it is damaged, is set to what is back. Raises NotWritten."""
    try:
        confirmed(places)
    except Damaged:
        if old == ORIGIN:
            durable.remove(places.confirmed)
        else:
            durable.link(places.confirmed, f"generations/{old}")
