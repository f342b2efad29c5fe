"""``bailiwick diff``: what a change newly allows and newly denies."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bailiwick.cli.answer import HOME, Answer, answered, existing
from bailiwick.cli.status import Status
from bailiwick.proof.audit.zones import BadZone
from bailiwick.workflow.devices import Unusable
from bailiwick.workflow.diffing import diff_states
from bailiwick.workflow.proving import NftMissing, NotBuilt
from bailiwick.workflow.revisions import NoRevision


@click.command("diff")
@click.argument("old")
@click.argument("new", required=False)
@click.option(
    "--home", type=click.Path(path_type=Path), default=HOME, show_default=True, help="The home file of the revisions."
)
@click.option("--zone", "zones", multiple=True, metavar="NAME=IFACE,…", help="Name a zone of a configuration.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["human", "json", "markdown"]),
    default="human",
    show_default=True,
    help="Text for people, one JSON object for programs, or a comment for a pull request.",
)
def command(old: str, new: str | None, home: Path, zones: tuple[str, ...], form: str) -> Status:
    """Say which packets NEW lets pass that OLD did not, and which it no longer does.

    OLD and NEW are home files, git revisions of the home file (HEAD~1, or HEAD~1:other.yaml), directories that `build`
    wrote, or configurations that `audit` reads. NEW is the home file as it stands where it is not named. Nothing is
    found where only the text changed. Exit status 1 when something did.
    """
    answer = Answer("diff", existing(home) if new is None else home, form == "json")
    named = tuple((name, members) for name, _, members in (zone.partition("=") for zone in zones))
    return answered(answer, lambda: _diff(answer, (old, new or str(home)), named, form))


def _diff(answer: Answer, names: tuple[str, str], zones: tuple[tuple[str, str], ...], form: str) -> Status:
    try:
        found = diff_states(*names, answer.file, date.today(), zones)
    except (NoRevision, Unusable, BadZone, NftMissing, NotBuilt) as error:
        answer.note(f"error: {error}")
        answer.data(error=str(error))
        return Status.WORLD if isinstance(error, NftMissing | NotBuilt) else Status.INPUT
    from bailiwick.report.comparison_text import comparison_markdown, comparison_record, comparison_text

    answer.data(comparison=comparison_record(found.comparison))
    text = comparison_markdown if form == "markdown" else comparison_text
    answer.text(text(found.comparison, found.old.texts, found.new.texts).rstrip("\n"))
    return Status.HOLDS if found.comparison.same else Status.FAILS
