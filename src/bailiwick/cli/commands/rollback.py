"""``bailiwick rollback``: give an open apply back at once, or return to an earlier generation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from bailiwick.agent.model import ORIGIN
from bailiwick.agent.window.decisions import Phase
from bailiwick.apply.following import End
from bailiwick.apply.protocol import Window
from bailiwick.apply.session import Session
from bailiwick.cli.answer import Answer
from bailiwick.cli.course import Course
from bailiwick.cli.device import Consent, Reach, consent_options, device_command, failed, not_ours
from bailiwick.cli.status import Status
from bailiwick.workflow.applying import open_window


@click.command("rollback")
@click.argument("number", type=click.IntRange(1), required=False)
@device_command("rollback")
@consent_options
@click.option("--take-over", is_flag=True, help="Overwrite what was changed on the device by hand.")
def command(answer: Answer, reach: Reach, *, number: int | None, consent: Consent, take_over: bool) -> Status:
    """Give back what is not confirmed yet, at once; else return to generation NUMBER, or to the one before.

    A return to an earlier generation is an apply like any other: it goes back by itself unless it is confirmed.
    """
    name = reach.name
    session = reach.session(name)
    status = session.status()
    window = Window.of(status.get("window"))
    if window is not None:
        if number not in (None, window.old):
            return failed(answer, f"{name}: generation {window.new} is not confirmed yet.", Status.FAILS)
        return _give_up(answer, session, name, window, consent)
    wanted = number or _before(session.history(), status)
    if wanted is None or wanted == ORIGIN:
        sentence = f"{name} has no generation before: `bailiwick uninstall` gives back what was there."
        return failed(answer, sentence, Status.INPUT)
    drift = session.drift()
    refused = not_ours(answer, name, drift, take_over)
    if refused is not None:
        return refused
    if not consent.agreed(f"Return {name} to generation {wanted}?"):
        answer.note("Nothing was changed.")
        return Status.HOLDS
    terms = consent.terms(drift.digest)
    course = Course(answer, session, reach, name, terms)
    return course.run(lambda: open_window(session, reach.target(name), wanted, terms), consent.auto_confirm)


def _give_up(answer: Answer, session: Session, name: str, window: Window, consent: Consent) -> Status:
    answer.must_be_read()
    back = window.old if window.phase == Phase.RETURNING else session.give_up("asked for")
    ended = session.follow(window.new, consent.terms(""), lambda line: answer.note(f"  {line.get('text', '')}"))
    answer.data(outcome=ended.end.value, generation=back)
    if ended.end is End.BACK:
        answer.outcome(
            f"{name}: generation {back} is back." if back else f"{name} is as it was before the first apply."
        )
        return Status.HOLDS
    if ended.end is End.CONFIRMED:
        return failed(answer, f"{name}: generation {window.new} was confirmed meanwhile.", Status.FAILS)
    return failed(answer, f"{name}: {ended.why or 'nothing was heard of it again'}.", Status.FAILS)


def _before(history: Mapping[str, Any], status: Mapping[str, Any]) -> int | None:
    """The generation that the confirmed one took the place of, as the history tells."""
    for entry in reversed(list(history.get("entries", ()))):
        if entry.get("what") == "confirmed" and entry.get("generation") == status.get("confirmed"):
            before = entry.get("before")
            return before if isinstance(before, int) else None
    return None
