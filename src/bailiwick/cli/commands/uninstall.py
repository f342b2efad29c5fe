"""``bailiwick uninstall``: a device as it was before the first apply."""

from __future__ import annotations

import click

from bailiwick.agent.model import ORIGIN
from bailiwick.apply.session import Session
from bailiwick.cli.answer import Answer
from bailiwick.cli.course import Course
from bailiwick.cli.device import Consent, Reach, consent_options, device_command, not_ours
from bailiwick.cli.status import Status
from bailiwick.workflow.applying import open_window


@click.command("uninstall")
@device_command("uninstall")
@consent_options
@click.option("--take-over", is_flag=True, help="Overwrite what was changed on the device by hand.")
@click.option("--destroy", is_flag=True, help="Then destroy what is kept there: every generation and its secrets.")
def command(answer: Answer, reach: Reach, *, consent: Consent, take_over: bool, destroy: bool) -> Status:
    """Give a device back as it was before the first apply: its files, settings and services.

    It is an apply like any other: unless it is confirmed, the device keeps what it has. --destroy, once it is given
    back, overwrites and removes what we kept there, after which there is no way forward or back.
    """
    name = reach.name
    session = reach.session(name)
    if session.status().get("confirmed", ORIGIN) != ORIGIN:
        given = _give_back(answer, reach, session, consent, take_over)
        if given is not Status.HOLDS or session.status().get("confirmed", ORIGIN) != ORIGIN:
            return given
    else:
        answer.text(f"{name} has nothing of ours installed.")
    return _destroy(answer, name, session, consent) if destroy else Status.HOLDS


def _give_back(answer: Answer, reach: Reach, session: Session, consent: Consent, take_over: bool) -> Status:
    name, drift = reach.name, session.drift()
    refused = not_ours(answer, name, drift, take_over)
    if refused is not None:
        return refused
    if not consent.agreed(f"Give {name} back as it was before the first apply?"):
        answer.note("Nothing was changed.")
        return Status.HOLDS
    terms = consent.terms(drift.digest)
    course = Course(answer, session, reach, name, terms)
    return course.run(lambda: open_window(session, reach.target(name), ORIGIN, terms), consent.auto_confirm)


def _destroy(answer: Answer, name: str, session: Session, consent: Consent) -> Status:
    if not consent.agreed(f"Destroy every generation that {name} keeps, and the secrets in them?"):
        answer.note("Nothing was destroyed.")
        return Status.HOLDS
    answer.must_be_read()
    session.destroy()
    answer.data(destroyed=True)
    answer.outcome(f"{name}: what was kept there is destroyed.")
    return Status.HOLDS
