"""The agent's commands: one JSON object in, JSON objects out, one a line; ``apply/protocol.py`` says what is in them.

Every failure is one sentence and a kind; none is a traceback. What was begun goes on when the connection that asked for
it is cut: its signals are ignored, and so is that nobody reads the answer any more.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress

from bailiwick.agent import acts, failures, questions
from bailiwick.agent.failures import Input
from bailiwick.agent.machine import Machine
from bailiwick.agent.places import Places
from bailiwick.agent.questions import Data, Say
from bailiwick.agent.window import boot, deadman, switcher

COMMANDS: Mapping[str, Callable[[Machine, Data, Say], Data]] = {
    "facts": questions.facts,
    "live": questions.look,
    "preflight": questions.preflight,
    "stage": acts.stage,
    "begin": acts.begin,
    "uninstall": acts.uninstall,
    "progress": questions.progress,
    "confirm": acts.confirm,
    "extend": acts.extend,
    "rollback": acts.rollback,
    "status": questions.status,
    "history": questions.history,
    "show": questions.show,
    "drift": questions.drift,
    "destroy": acts.destroy,
}
OF_UNITS: Mapping[str, Callable[[Machine], int]] = {"deadman": deadman.run, "boot": boot.run, "switch": switcher.run}
"""Run by systemd, and by nobody else."""


def main(arguments: list[str] | None = None, machine: Machine | None = None) -> int:
    """The exit status: 0, and 1 for what is refused."""
    words = sys.argv[1:] if arguments is None else arguments
    machine = machine or Machine(Places())
    os.umask(0o077)
    if len(words) == 1 and words[0] in OF_UNITS:
        return OF_UNITS[words[0]](machine)
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        if len(words) != 1 or words[0] not in COMMANDS:
            raise Input(f"there is no command {' '.join(words)!r}")
        answer, status = COMMANDS[words[0]](machine, _asked(), _say), 0
    except Exception as failure:  # noqa: BLE001  each is told to whoever asked, and none passes for an answer
        answer, status = failures.answer(machine, failure), 1
    _say(answer)
    return status


def _asked() -> Data:
    text = sys.stdin.buffer.read()
    if not text.strip():
        return {}
    try:
        data = json.loads(text)
    except ValueError as error:
        raise Input(f"what was asked is no JSON: {error}") from error
    if not isinstance(data, dict):
        raise Input("what was asked is no JSON object")
    return data


def _say(data: Data) -> None:
    """Nobody may be listening any more: the work is done all the same."""
    with suppress(OSError):
        sys.stdout.write(f"{json.dumps(data)}\n")
        sys.stdout.flush()
