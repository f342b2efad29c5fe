"""``bailiwick diff``: what a change newly allows and newly denies."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bailiwick.cli.answer import HOME, Answer, answered, existing
from bailiwick.cli.status import Status
from bailiwick.workflow.diffing import diff_states
from bailiwick.workflow.proving import NftMissing, NotBuilt
from bailiwick.workflow.revisions import NoRevision


@click.command("diff")
@click.argument("old")
@click.argument("new", required=False)
@click.option(
    "--home", type=click.Path(path_type=Path), default=HOME, show_default=True, help="The home file of the revisions."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["human", "json", "markdown"]),
    default="human",
    show_default=True,
    help="Text for people, one JSON object for programs, or a comment for a pull request.",
)
def command(old: str, new: str | None, home: Path, form: str) -> Status:
    """Say which packets NEW lets pass that OLD did not, and which it no longer does.

    OLD and NEW are home files, directories that `build` wrote, or git revisions of the home file (HEAD~1, or
    HEAD~1:other.yaml). NEW is the home file as it stands where it is not named. Nothing is found where only the text
    changed. Exit status 1 when something did.
    """
    answer = Answer("diff", existing(home) if new is None else home, form == "json")
    return answered(answer, lambda: _diff(answer, old, new or str(home), form))


def _diff(answer: Answer, old: str, new: str, form: str) -> Status:
    try:
        found = diff_states(old, new, answer.file, date.today())
    except (NoRevision, NftMissing, NotBuilt) as error:
        answer.note(f"error: {error}")
        answer.data(error=str(error))
        return Status.INPUT if isinstance(error, NoRevision) else Status.WORLD
    from bailiwick.report.comparison_text import comparison_markdown, comparison_record, comparison_text

    answer.data(comparison=comparison_record(found.comparison))
    text = comparison_markdown if form == "markdown" else comparison_text
    answer.text(text(found.comparison, found.old.texts, found.new.texts).rstrip("\n"))
    return Status.HOLDS if found.comparison.same else Status.FAILS
