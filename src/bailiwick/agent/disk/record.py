"""The record of an apply that is not confirmed yet: ``window.json``, whole or absent, with a sum of its own."""

from __future__ import annotations

import hashlib
import json
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bailiwick.agent.disk import durable
from bailiwick.agent.disk.lock import Held, exclusive
from bailiwick.agent.disk.pointer import Damaged, confirmed
from bailiwick.agent.places import Places
from bailiwick.agent.window.decisions import Window, as_data, from_data

PATIENCE = 5.0
"""Seconds within which whoever holds the record lets go of it: it is held for milliseconds."""


class Unreadable(Exception):
    """There is a record, and it does not say what it is about."""


def load(places: Places) -> Window | None:
    """None where no apply is open. Raises Unreadable; durable.NotWritten.

    An apply is over the moment its generation is the confirmed one: a record that outlived that, by a power cut
    between the two, is none. (One that began with the very generation that it ends with is not known to be over.)
    """
    try:
        text = durable.read(places.window)
    except FileNotFoundError:
        return None
    try:
        data = json.loads(text)
        if data["sha256"] != _sum(data["window"]):
            raise ValueError("its sum does not fit")
        window = from_data(data["window"])
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{places.window} is damaged: {error}") from error
    return None if _over(places, window) else window


def _over(places: Places, window: Window) -> bool:
    try:
        return window.old != window.new and confirmed(places) == window.new
    except Damaged:
        return False  # then it goes back: the record says where to


def save(places: Places, window: Window) -> None:
    """On the disk when this returns. Raises durable.NotWritten; ValueError for one that could not be read again, as
    with a deadline that never comes."""
    written = as_data(window)
    from_data(written)
    data = {"sha256": _sum(written), "window": written}
    durable.write(places.window, (json.dumps(data, indent=1, sort_keys=True) + "\n").encode(), owner=durable.own())


def clear(places: Places) -> None:
    """No apply is open. At a commit: after the generation is the confirmed one, so that no moment has neither."""
    durable.remove(places.window)


@contextmanager
def held(places: Places, insist: bool = False) -> Iterator[None]:
    """For load, decide, save: nobody else does so meanwhile. Raises lock.Held.

    ``insist``: a process that holds it for longer than PATIENCE is stopped or stuck, and is killed. The timer asks so:
    nobody's hanging keeps the old generation from coming back.
    """
    durable.directory(places.state)
    path = places.state / "window.lock"
    try:
        with exclusive(path, "record", PATIENCE):
            yield
            return
    except Held as other:
        if not insist or not other.holder.lives:
            raise
        os.kill(other.pid, signal.SIGKILL)
    with exclusive(path, "record", PATIENCE):
        yield


def _sum(written: Mapping[str, Any]) -> str:
    """Of what is written, not of what this agent makes of it: another one may know more or less."""
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()
