"""The owner at a desk in the management zone: the agent's commands over ssh, each over its own connection."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bailiwick.agent.model import ERROR, as_text
from bailiwick.apply.agent import Agent
from bailiwick.apply.protocol import Garbled, Refusal
from bailiwick.apply.transport import Cut, Ssh, Unreachable
from bailiwick.twin.scene.namespaces import within
from tests.agent.faults.homes import Wanted
from tests.agent.faults.world import World

PATIENCE = 4.0
"""Seconds of silence that the owner of these devices has; two minutes are usual."""
LIMIT = 45.0
"""Seconds for a switch."""
TOKEN = "a word that nobody guesses"
LOST = (Cut, Unreachable, Garbled)


@dataclass
class Owner:
    """``said`` collects what came back, for whoever wonders about a run."""

    world: World
    said: list[str] = field(default_factory=list)

    def ask(self, command: str, question: Mapping[str, Any] | None = None, patience: float = 30.0) -> Mapping[str, Any]:
        """As ``Agent.ask``; raises as it does."""
        agent = Agent(Ssh("gate", self.world.ssh))
        try:
            with within(self.world.admin.netns):
                answer = agent.ask(command, question, fresh=True, patience=patience)
        except Exception as error:  # whatever it is, it is noted, and raised again
            self.said.append(f"{command}: {type(error).__name__}: {error}")
            raise
        self.said.append(f"{command}: {str(dict(answer))[:300]}")
        return answer

    def preflight(self, wanted: Wanted) -> list[str]:
        """The errors that the device's own tools find; nothing is begun by asking."""
        found = self.ask("preflight", _question(wanted))["findings"]
        return [one["text"] for one in found if one["severity"] == ERROR]

    def stage(self, wanted: Wanted) -> int:
        return int(self.ask("stage", _question(wanted))["number"])

    def begin(self, number: int, patience: float = PATIENCE, command: str = "begin") -> bool:
        """False where nothing was to be done."""
        token = hashlib.sha256(TOKEN.encode()).hexdigest()
        question = {"patience": patience, "limit": LIMIT, "token": token, "owner": "the owner", "expect": ""}
        if command == "begin":
            question["number"] = number
        return bool(self.ask(command, question, patience=60.0).get("began"))

    def waited(self, seconds: float = LIMIT + 20.0) -> Mapping[str, Any] | None:
        """The window once the switch stands, or once it is over (None). Raises TimeoutError."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(*LOST):
                window = self.ask("progress", {"after": 0, "wait": 5.0}, patience=20.0).get("window")
                if window is None or window["phase"] in ("waiting", "stuck"):
                    return dict(window) if window else None
            time.sleep(0.05)
        raise TimeoutError("the switch neither stands nor is over")

    def confirm(self, token: str = TOKEN) -> bool:
        """False where it was refused."""
        try:
            self.ask("confirm", {"token": token})
        except Refusal:
            return False
        return True

    def apply(self, wanted: Wanted, patience: float = PATIENCE) -> bool:
        """From one end to the other, as it is meant to go; whether it was confirmed. Raises Refusal and LOST's."""
        number = self.stage(wanted)
        if not self.begin(number, patience):
            return True
        window = self.waited()
        return window is not None and window["phase"] == "waiting" and self.confirm()

    def over(self, seconds: float) -> bool:
        """Whether no window is open any more, within that time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not (self.world.state / "window.json").exists():
                return True
            time.sleep(0.05)
        return False


def _question(wanted: Wanted) -> Mapping[str, Any]:
    packed = wanted.packed
    return {"generation": json.loads(as_text(packed.generation)), "contents": dict(packed.encoded)}
