"""``bailiwick drill``: a lock-out on purpose, and the way back from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import click

from bailiwick.apply.agent import Agent
from bailiwick.apply.following import End
from bailiwick.apply.session import Session
from bailiwick.cli.answer import Answer, existing
from bailiwick.cli.device import Consent, Reach, device_command, failed
from bailiwick.cli.status import Status
from bailiwick.twin import StageError
from bailiwick.workflow.applying import (
    Home,
    NoDevice,
    Target,
    begin_packed,
    mean_home,
    prove_home_of,
)
from bailiwick.workflow.drill_stage import drill_stage
from bailiwick.workflow.drilling import Drilled, NoDrill, drill

WARNING = (
    "{device} will let nobody in for about {seconds} s: who is connected to it loses the connection, and its own zones "
    "reach it for neither DNS nor DHCP. What passes through it goes on. It comes back by itself. Go on?"
)


@click.command("drill")
@device_command("drill", positional=True)
@click.option("--yes", is_flag=True, help="Do not ask before a real device is locked.")
@click.option(
    "--seconds", type=click.IntRange(10, 600), default=20, show_default=True, help="How long nobody confirms."
)
def command(answer: Answer, reach: Reach, *, yes: bool, seconds: int) -> Status:
    """Lock a router's owner out on purpose, and watch the router come back by itself.

    In a system of its own in namespaces, which is given FILE first (as root; about a minute); with --to on the real
    device, which must be as FILE says. Exit status 1 where it does not come back as it was.
    """
    meant = mean_home(existing(reach.home), date.today(), reach.device, datetime.now(UTC).isoformat(timespec="seconds"))
    home = prove_home_of(meant)
    answer.diagnostics((*meant.checked.failures, *home.proven.failures), home.proven.sources)
    if meant.checked.failures or home.proven.failures:
        return failed(answer, "A home file that does not hold is not drilled.", Status.FAILS)
    device = meant.tree.device
    consent = Consent(yes, auto_confirm=False, patience=float(seconds))
    try:
        if reach.to:
            if not consent.agreed(WARNING.format(device=device, seconds=seconds)):
                answer.note("Nothing was changed.")
                return Status.HOLDS
            return _drilled(answer, reach.session(), home, Target(reach.home, device, reach.to), consent)
        answer.note(f"{device} boots in namespaces of its own.")
        with drill_stage(home) as way:
            session, target = Session(Agent(way)), Target(reach.home, device, way.name)
            return _installed(answer, session, home, target, consent) or _drilled(
                answer, session, home, target, consent
            )
    except StageError as error:
        return failed(answer, str(error), Status.WORLD)
    except (NoDrill, NoDevice) as error:
        return failed(answer, str(error), Status.INPUT)


def _hear(answer: Answer) -> Callable[[Mapping[str, Any]], None]:
    return lambda line: answer.note(f"  {line.get('step', ''):12} {line.get('text', '')}".rstrip())


def _installed(answer: Answer, session: Session, home: Home, target: Target, consent: Consent) -> Status:
    """The first apply of a system that is there for the drill alone: confirmed at once."""
    terms = consent.terms("")
    begun = begin_packed(session, home.meant.packed, target, terms)
    ended = session.follow(begun.number, terms, _hear(answer))
    if ended.end is not End.STANDS:
        return failed(answer, f"The system for the drill does not come to stand: {ended.why}.", Status.WORLD)
    answer.note(f"{session.confirm(begun.token.word)}. Now nobody is let in.")
    return Status.HOLDS


def _drilled(answer: Answer, session: Session, home: Home, target: Target, consent: Consent) -> Status:
    done = drill(session, home, target, consent.terms(""), _hear(answer))
    answer.data(back=done.back, shut=round(done.shut, 1), took=round(done.took, 1), why=done.why, differs=done.differs)
    answer.outcome(_words(target.device, done))
    if done.back and not done.differs and not done.shut:
        return Status.WORLD
    return Status.HOLDS if done.holds else Status.FAILS


def _words(device: str, done: Drilled) -> str:
    if not done.back:
        return f"{device} did not come back: {done.why}. See `bailiwick status`."
    if done.differs:
        differs = "\n".join(f"  {one}" for one in done.differs)
        return f"{device} came back, and is not as it was:\n{differs}"
    if not done.shut:
        return f"{device} was never locked: this connection does not pass its firewall, so nothing was shown."
    return f"{device} let nobody in for {done.shut:.0f} s, came back by itself ({done.why}), and is as it was."
