"""What a command answers when it cannot be carried out: one sentence, and a kind for the one who asked."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

from bailiwick.agent import connection, program, removal
from bailiwick.agent.commands import CommandFailed
from bailiwick.agent.disk import durable, lock, record, store
from bailiwick.agent.disk.origin import NotRemembered
from bailiwick.agent.look import live
from bailiwick.agent.machine import Machine
from bailiwick.agent.telling import told
from bailiwick.agent.window import course, probing


class Input(Exception):
    """What was asked is no question."""


class UnknownGeneration(Exception):
    """There is none of that number."""


class NoSpace(Exception):
    """The disk has no room for it."""


KINDS: Mapping[type[Exception], str] = {
    course.WindowOpen: "window-open",
    course.NoWindow: "no-window",
    course.Drifted: "drifted",
    course.Refused: "refused",
    course.NotArmed: "world",
    connection.Unknown: "refused",
    lock.Held: "locked",
    store.Damaged: "damaged",
    record.Unreadable: "damaged",
    UnknownGeneration: "unknown-generation",
    NoSpace: "space",
    removal.Installed: "installed",
    store.Refused: "input",
    Input: "input",
    ValueError: "input",
    durable.NotWritten: "world",
    CommandFailed: "world",
    NotRemembered: "world",
    live.Unseen: "world",
    program.NotPushed: "world",
    probing.CannotAsk: "input",
    OSError: "world",
}


def answer(machine: Machine, failure: Exception) -> dict[str, Any]:
    """As ``apply/protocol.py`` has it. A mistake of the agent's own is told as one, with its place in the sources."""
    kind = next((KINDS[each] for each in type(failure).__mro__ if each in KINDS), None)
    if kind is None:
        last = traceback.extract_tb(failure.__traceback__)[-1]
        place = f"{last.filename.rpartition('/')[2]}, line {last.lineno}"
        return {"error": f"the agent made a mistake ({place}): {type(failure).__name__}: {failure}", "kind": "world"}
    more: dict[str, Any] = {}
    if isinstance(failure, course.WindowOpen):
        more["window"] = told(failure.window, machine.now())
    if isinstance(failure, lock.Held):
        more["lock"] = {"owner": failure.owner, "pid": failure.pid, "since": failure.since}
    return {"error": str(failure), "kind": kind, **more}
