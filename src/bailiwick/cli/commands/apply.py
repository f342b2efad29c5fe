"""``bailiwick apply``: a device becomes what the home file says, or stays what it was."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

from bailiwick.cli.answer import Answer, existing
from bailiwick.cli.course import Course
from bailiwick.cli.device import Consent, Reach, consent_options, device_command, failed
from bailiwick.cli.status import Status
from bailiwick.report.apply_text import obstacles, plan_text, prepared_record, window_text
from bailiwick.workflow.applying import Prepared, begin, mean_home, prepare, prove_beside

UNSOUND = "A home file that does not hold is not applied."


@click.command("apply")
@device_command("apply", positional=True)
@consent_options
@click.option("--take-over", is_flag=True, help="Overwrite what was changed on the device by hand.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and stop.")
def command(answer: Answer, reach: Reach, *, consent: Consent, take_over: bool, dry_run: bool) -> Status:
    """Make a device what FILE says, or leave it as it is.

    FILE is checked and proven, the device is looked at, and what would change is shown. Then a timer on the device is
    armed, and the files are switched to. Unless that is confirmed in time, over a new connection, the device goes back
    by itself: whatever happens to this command, to the connection, or to the power.
    """
    made = datetime.now(UTC).isoformat(timespec="seconds")
    meant = mean_home(existing(reach.home), date.today(), reach.device, made)
    checked = meant.checked
    answer.diagnostics((*checked.read.warnings, *checked.failures), checked.read.document.sources)
    if checked.failures:
        return failed(answer, UNSOUND, Status.FAILS)
    target = reach.target(meant.tree.device)
    session = reach.session(target.to)
    home, looked = prove_beside(session, meant)
    answer.diagnostics(home.proven.failures, home.proven.sources)
    if home.proven.failures:
        return failed(answer, UNSOUND, Status.FAILS)
    prepared = prepare(session, home, looked)
    answer.data(**prepared_record(prepared))
    status = _shown(answer, prepared, take_over)
    if status is not Status.HOLDS or prepared.unchanged or dry_run:
        return status
    if not consent.agreed(f"Change {target.device}?"):
        answer.note("Nothing was changed.")
        return Status.HOLDS
    terms = consent.terms(prepared.drift.digest)
    course = Course(answer, session, reach, target.device, terms)
    return course.run(lambda: begin(session, prepared, target, terms), consent.auto_confirm)


def _shown(answer: Answer, prepared: Prepared, take_over: bool) -> Status:
    """The plan; HOLDS where nothing speaks against it."""
    device = prepared.home.tree.device
    if prepared.window is not None:
        words = window_text(device, prepared.window)
        advice = "Confirm it, or give it back (`bailiwick rollback`), before another apply."
        return failed(answer, f"{words} {advice}", Status.FAILS)
    if prepared.unchanged:
        number = prepared.facts.confirmed
        answer.text(f"{device} is as the home file says (generation {number}): nothing to do.")
        return Status.HOLDS
    answer.text(plan_text(prepared))
    why = tuple(obstacles(prepared, take_over))
    if not why:
        return Status.HOLDS
    return failed(answer, " ".join(why), Status.WORLD if prepared.errors else Status.FAILS)
