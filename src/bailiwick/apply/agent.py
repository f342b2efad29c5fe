"""The agent of one device, asked by its commands; it is pushed there when it is not there yet."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from bailiwick.apply.agent_file import AgentFile, agent_file
from bailiwick.apply.process import run
from bailiwick.apply.protocol import Reading
from bailiwick.apply.transport.way import Ended, Transport, Unreachable

PATIENCE = 120.0
"""Seconds for a command that does not wait for anything."""
MISSING = 2
"""Python's own status for a program that it cannot open."""

Hear = Callable[[Mapping[str, Any]], None]


class Agent:
    """Every command is a process, and a connection, of its own."""

    def __init__(self, transport: Transport, program: AgentFile | None = None) -> None:
        self.transport = transport
        self.program = program or agent_file()

    @property
    def name(self) -> str:
        return self.transport.name

    def ask(
        self,
        command: str,
        question: Mapping[str, Any] | None = None,
        *,
        fresh: bool = False,
        news: Hear | None = None,
        patience: float = PATIENCE,
    ) -> Mapping[str, Any]:
        """The answer; ``news`` hears the lines before it as they come. ``fresh``: over a connection that begins now.

        Raises Refusal where the agent says no, Unreachable where nothing was run, Cut and Garbled where it is not
        known what was.
        """
        given = json.dumps(question or {}).encode()
        ended, reading = self._run(command, given, fresh, news, patience)
        if reading.last is None and ended.status == MISSING and self.program.path in ended.errors:
            self._push()
            ended, reading = self._run(command, given, fresh, news, patience)
        return reading.answer(ended.status, ended.errors)

    def _run(
        self, command: str, given: bytes, fresh: bool, news: Hear | None, patience: float
    ) -> tuple[Ended, Reading]:
        reading = Reading()

        def hear(line: str) -> None:
            data = reading.line(line)
            if "line" in data and news is not None:
                news(data)

        ended = run(self.transport.argv(self.program.command(command), fresh), given, hear, patience)
        self._check(ended)
        return ended, reading

    def _push(self) -> None:
        ended = run(self.transport.argv(self.program.push, False), self.program.sent, lambda _line: None, PATIENCE)
        self._check(ended)
        if ended.status != 0:
            words = ended.errors.strip().splitlines()[-1:] or ["no reason was given"]
            raise Unreachable(f"The agent could not be put on {self.name}: {words[0]}")

    def _check(self, ended: Ended) -> None:
        failure = self.transport.failure(ended)
        if failure is not None:
            raise failure
