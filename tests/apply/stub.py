"""The stub agent behind a transport, with what it is to answer and what it was asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bailiwick.apply.agent import Agent
from bailiwick.apply.transport import Ended, Ssh

PROGRAM = Path(__file__).with_name("stub_agent.py")


@dataclass
class Stub:
    """A transport whose device is a script. Ends are read as ssh's are."""

    directory: Path
    name: str = "gate"
    script: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    fresh: list[bool] = field(default_factory=list)

    def says(self, command: str, *lines: Any, status: int = 0, errors: str = "") -> Stub:
        """The next answer to ``command``."""
        self.script.setdefault(command, []).append({"lines": list(lines), "status": status, "errors": errors})
        (self.directory / "script.json").write_text(json.dumps(self.script))
        return self

    def argv(self, words: Sequence[str], fresh: bool) -> tuple[str, ...]:
        self.fresh.append(fresh)
        return (sys.executable, "-I", str(PROGRAM), str(self.directory), *words)

    def failure(self, ended: Ended) -> Exception | None:
        return Ssh("gate").failure(ended)

    @property
    def log(self) -> list[Mapping[str, Any]]:
        """What was asked: ``command``, ``given`` (its standard input) and ``words`` (its arguments)."""
        path = self.directory / "log.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def given(self, command: str) -> list[Any]:
        return [json.loads(one["given"]) for one in self.log if one["command"] == command]

    @property
    def agent(self) -> Agent:
        return Agent(self)


def refusal(sentence: str, kind: str) -> dict[str, str]:
    return {"error": sentence, "kind": kind}
