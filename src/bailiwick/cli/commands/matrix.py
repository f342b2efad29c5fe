"""``bailiwick matrix``: who can reach what."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bailiwick.claims.matrix import Matrix
from bailiwick.cli.answer import HOME, Answer, answered, existing
from bailiwick.cli.screen import screen
from bailiwick.cli.status import Status
from bailiwick.intent import Intent, mean
from bailiwick.intent.host_table import host_table
from bailiwick.language.guess import did_you_mean
from bailiwick.report.matrix_table import matrix_table
from bailiwick.report.records import matrix_record
from bailiwick.workflow import Read, read

FORMS = ["human", "json", "markdown", "svg", "html"]


@click.command("matrix")
@click.argument("file", type=click.Path(path_type=Path), default=HOME)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="human",
    show_default=True,
    help="Text, one JSON object, a table for a pull request, a picture, or a page whose cells explain themselves.",
)
@click.option("--hosts", is_flag=True, help="Add the hosts that may, or may be reached, otherwise than their zone.")
@click.option("--groups", metavar="NAME,…", multiple=True, help="Add these groups; `all` for every one.")
def command(file: Path, form: str, hosts: bool, groups: tuple[str, ...]) -> Status:
    """Print who can reach what: a row for each place that opens connections, a column for each that answers."""
    answer = Answer("matrix", existing(file), form == "json")

    def run() -> Status:
        home = read(answer.file, date.today())
        answer.diagnostics(home.warnings, home.document.sources)
        intent = mean(home.network)
        matrix = host_table(intent, hosts, _groups(home, groups))
        answer.data(matrix=matrix_record(matrix))
        answer.text(_text(form, home, intent, matrix))
        return Status.HOLDS

    return answered(answer, run)


def _groups(home: Read, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The names, each once. Raises click's UsageError for one that the home does not have."""
    known = home.network.groups
    names = dict.fromkeys(name.strip() for part in asked for name in part.split(",") if name.strip())
    if "all" in names:
        return tuple(known)
    for name in names:
        if name not in known:
            guess = did_you_mean(name, known)
            raise click.UsageError(f"The home has no group {name}{': ' + guess if guess else ''}.")
    return tuple(names)


def _text(form: str, home: Read, intent: Intent, matrix: Matrix) -> str:
    """Without a line break at the end. The heavier forms load with their use."""
    title = f"{home.network.name}: who reaches what"
    if form == "markdown":
        from bailiwick.report.markdown import matrix_markdown

        return matrix_markdown(matrix, title).rstrip("\n")
    if form == "svg":
        from bailiwick.report.matrix_picture import matrix_picture

        return matrix_picture(matrix, title).rstrip("\n")
    if form == "html":
        from bailiwick.report.explaining import explain
        from bailiwick.report.html_page import render
        from bailiwick.report.sections import Page

        heading = f"{home.network.name}: as the home file means it"
        return render(Page(heading, matrix, explanations=explain(intent, matrix, home.document.sources)))
    return matrix_table(matrix, screen())
