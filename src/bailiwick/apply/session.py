"""An apply as the owner's side carries it out with one device's agent."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bailiwick.agent.model import Finding
from bailiwick.apply.agent import Agent
from bailiwick.apply.facts import Facts
from bailiwick.apply.following import Do, End, Ended, Following
from bailiwick.apply.generations import Packed
from bailiwick.apply.protocol import Garbled, Window
from bailiwick.apply.tokens import Token
from bailiwick.apply.transport import Cut, Unreachable

LIMIT = 180.0
"""Seconds that the switch itself may take."""
PATIENCE = 120.0
"""Seconds of silence that the owner has, once it stands."""
SLACK = 60.0
"""Seconds more in which the device puts the old generation back."""
WAIT = 20.0
"""Seconds that one connection listens before it is asked anew."""
PAUSE = 2.0
"""Seconds between two tries to reach a device that was lost."""


@dataclass(frozen=True, slots=True)
class Terms:
    """``patience`` seconds to confirm in; ``owner`` who begins it, for people; ``expect`` what was looked at, or ""."""

    owner: str
    patience: float = PATIENCE
    limit: float = LIMIT
    expect: str = ""


@dataclass(frozen=True, slots=True)
class Drift:
    """``differences`` as ``apply.protocol`` has them; ``digest`` of the device as it was looked at."""

    digest: str
    differences: tuple[Mapping[str, Any], ...]

    @property
    def ours(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(one for one in self.differences if one.get("ours", True))


class Session:
    """Raises what ``Agent.ask`` raises, unless said otherwise."""

    def __init__(
        self,
        agent: Agent,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.agent = agent
        self._clock = clock
        self._sleep = sleep

    def look(self, units: tuple[str, ...] = ()) -> tuple[Facts, Drift]:
        """What the device is, and what is otherwise than we left it; nothing is said of that while a window is open."""
        answer = self.agent.ask("facts", {"units": list(units), "drift": True})
        facts = Facts.of(answer)
        return facts, _drift(answer.get("drift") or {}) if facts.window is None and facts.systemd else Drift("", ())

    def drift(self) -> Drift:
        return _drift(self.agent.ask("drift"))

    def preflight(self, packed: Packed) -> tuple[Finding, ...]:
        """What the device's own tools say; ``packed`` bears markers in place of secrets."""
        answer = self.agent.ask("preflight", _packed(packed))
        try:
            return tuple(Finding(one["severity"], one["what"], one["text"]) for one in answer["findings"])
        except (KeyError, TypeError) as error:
            raise Garbled(f"What the device's tools say cannot be read ({error}).") from error

    def stage(self, packed: Packed) -> int:
        """The number that it got."""
        return _number(self.agent.ask("stage", _packed(packed)), "number")

    def begin(self, number: int, token: Token, terms: Terms) -> bool:
        """False when there is nothing to do: no window is open then."""
        return self._open("begin", {"number": number}, token, terms)

    def uninstall(self, token: Token, terms: Terms) -> bool:
        """False when nothing of ours is there."""
        return self._open("uninstall", {}, token, terms)

    def follow(self, number: int, terms: Terms, hear: Callable[[Mapping[str, Any]], None]) -> Ended:
        """Listens until the device has come to stand, or is back. ``hear`` is given each line once.

        A connection that is cut is made anew, until the device must have ended it by itself. Raises Refusal.
        """
        state = Following(number, self._clock() + terms.limit + terms.patience + SLACK)

        def news(line: Mapping[str, Any]) -> None:
            nonlocal state
            if line["line"] > state.known:
                state = state.news(line["line"])
                hear(line)

        while True:
            try:
                question = {"after": state.known, "wait": WAIT}
                answer = self.agent.ask("progress", question, news=news, patience=WAIT + 30, fresh=True)
                then = state.window(Window.of(answer.get("window")))
                if then is Do.ASK:
                    then = self._ended(state)
            except (Cut, Unreachable, Garbled) as error:
                then = state.lost(self._clock())
                if then is Do.AGAIN:
                    hear({"line": 0, "step": "connection", "text": str(error)})
                    self._sleep(PAUSE)
            if isinstance(then, Ended):
                return then

    def confirm(self, word: str) -> str:
        """Over a connection that begins now; what the device says to it."""
        return _text(self.agent.ask("confirm", {"token": word}, fresh=True), "text")

    def give_up(self, why: str) -> int:
        """The number of the generation that comes back."""
        return _number(self.agent.ask("rollback", {"why": why}, fresh=True), "returning")

    def status(self) -> Mapping[str, Any]:
        return self.agent.ask("status")

    def history(self) -> Mapping[str, Any]:
        return self.agent.ask("history")

    def destroy(self) -> None:
        """Everything that is kept on the device, which must have nothing of ours installed."""
        self.agent.ask("destroy")

    def _ended(self, state: Following) -> Ended:
        status = self.agent.ask("status", fresh=True)
        window = Window.of(status.get("window"))
        if window is not None and window.new != state.new:
            return Ended(End.BACK, why=f"another apply is under way: generation {window.new}")
        return state.status(status)

    def _open(self, command: str, what: Mapping[str, Any], token: Token, terms: Terms) -> bool:
        question = {
            **what,
            "patience": terms.patience,
            "limit": terms.limit,
            "token": token.digest,
            "owner": terms.owner,
            "expect": terms.expect,
        }
        return not self.agent.ask(command, question).get("unchanged", False)


def _packed(packed: Packed) -> Mapping[str, Any]:
    return {"generation": asdict(packed.generation), "contents": dict(packed.encoded)}


def _drift(answer: Mapping[str, Any]) -> Drift:
    return Drift(_text(answer, "digest"), tuple(answer.get("differences", ())))


def _number(answer: Mapping[str, Any], key: str) -> int:
    value = answer.get(key)
    if not isinstance(value, int):
        raise Garbled(f"The device's answer lacks {key}.")
    return value


def _text(answer: Mapping[str, Any], key: str) -> str:
    value = answer.get(key)
    if not isinstance(value, str):
        raise Garbled(f"The device's answer lacks {key}.")
    return value
