"""An open window as its owner lives through it: what is heard, the question at the end, and how to go on alone."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from bailiwick.agent.model import ORIGIN
from bailiwick.apply.following import End, Ended
from bailiwick.apply.session import Session, Terms
from bailiwick.apply.tokens import Token, forget
from bailiwick.apply.transport import Unreachable
from bailiwick.cli.answer import HOME, Answer
from bailiwick.cli.device import Reach, failed
from bailiwick.cli.status import Status
from bailiwick.workflow.applying import Begun


class Course:
    """``device`` is its name, ``terms`` those on which its window is opened."""

    def __init__(self, answer: Answer, session: Session, reach: Reach, device: str, terms: Terms) -> None:
        self.answer, self.session, self.reach, self.device, self.terms = answer, session, reach, device, terms
        self._failed: list[str] = []

    def run(self, begin: Callable[[], Begun], auto: bool) -> Status:
        """Begins, follows, and confirms or says how to. Whoever interrupts it is told that the device goes on."""
        self.answer.must_be_read()
        try:
            begun = begin()
            if not begun.opened:
                self.answer.data(outcome="unchanged")
                self.answer.outcome(f"{self.device} is so already: nothing to do.")
                return Status.HOLDS
            ended = self.session.follow(begun.number, self.terms, self._hear)
            self.answer.data(outcome=ended.end.value, generation=begun.number, failed_probes=self._failed)
            return self._ended(begun, ended, auto)
        except KeyboardInterrupt:
            self.answer.note(
                f"\nWhat {self.device} has begun goes on by itself, and back if nobody confirms. {self._ways}"
            )
            self.answer.data(outcome="interrupted")
            return Status.INTERRUPTED

    def _ended(self, begun: Begun, ended: Ended, auto: bool) -> Status:
        why = f" ({ended.why})" if ended.why else ""
        match ended.end:
            case End.STANDS:
                return self._standing(begun, ended.left, auto)
            case End.CONFIRMED:
                self.answer.outcome(f"{self.device}: {what(begun.number)} was confirmed meanwhile.")
                return Status.HOLDS
            case End.BACK:
                forget(begun.token)
                return failed(self.answer, f"{self.device} went back to what it was{why}.", Status.FAILS)
            case End.STUCK:
                sentence = f"{self.device} went back, and still differs{why}. See `bailiwick status`."
                return failed(self.answer, sentence, Status.FAILS)
            case End.LOST:
                sentence = f"{self.device} was not heard of again. By now it has gone back by itself."
                return failed(self.answer, sentence, Status.WORLD)

    def _hear(self, line: Mapping[str, Any]) -> None:
        probe = line.get("probe")
        if isinstance(probe, Mapping) and probe.get("holds") is False:
            self._failed.append(f"{probe.get('kind')} {probe.get('what')}")
        self.answer.note(f"  {line.get('step', ''):12} {line.get('text', '')}".rstrip())

    def _standing(self, begun: Begun, left: float, auto: bool) -> Status:
        stands = f"{what(begun.number).capitalize()} stands on {self.device}. It goes back by itself in {left:.0f} s."
        if auto and self._failed:
            self.answer.note(f"It is not confirmed by itself, as a probe failed: {', '.join(self._failed)}.")
        elif auto or self._agreed(stands):
            return confirm(self.answer, self.session, begun.token)
        self.answer.outcome(f"{stands} {self._ways}")
        return Status.HOLDS

    def _agreed(self, stands: str) -> bool:
        """A no leaves it to the timer, and so does whoever cannot be asked."""
        if not sys.stdin.isatty() or self.answer.json_form:
            return False
        return click.confirm(f"{stands} Keep it?", default=False, err=True)

    @property
    def _ways(self) -> str:
        home, options = shlex.quote(str(self.reach.home)), self.reach.options
        default = self.reach.home == HOME
        keeps = " ".join(("bailiwick confirm", *(() if default else (home,)), *options))
        back = " ".join(("bailiwick rollback", *(() if default else ("--home", home)), *options))
        return f"`{keeps}` keeps it; `{back}` gives it back now."


def what(number: int) -> str:
    """A generation in words."""
    return f"generation {number}" if number != ORIGIN else "what was there before the first apply"


def confirm(answer: Answer, session: Session, token: Token) -> Status:
    """Over a connection that is itself new; the word is forgotten once it was taken. Raises what a session raises."""
    try:
        said = session.confirm(token.word)
    except Unreachable as error:
        raise Unreachable(f"{error} If its address is another now, --to names it.") from error
    forget(token)
    answer.data(outcome="confirmed", generation=token.number)
    answer.outcome(f"{token.device}: {said}.")
    return Status.HOLDS
