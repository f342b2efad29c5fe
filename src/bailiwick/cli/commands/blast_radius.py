"""``bailiwick blast-radius``: what a host that is no longer yours reaches."""

from __future__ import annotations

from datetime import date

import click

from bailiwick.cli.answer import Answer, answered, home_before
from bailiwick.cli.screen import screen
from bailiwick.cli.status import Status
from bailiwick.workflow import read


@click.command("blast-radius")
@click.argument("words", metavar="[FILE] HOST", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(["human", "json", "svg"]),
    default="human",
    show_default=True,
    help="A table, one JSON object for programs, or a picture.",
)
def command(words: tuple[str, ...], form: str) -> Status:
    """Say what a compromised HOST reaches, directly and by way of what it then holds, and which line allows each step.

    A host can take any address of its zone, so after the first step its whole zone counts. The router is named where
    it can be reached, and not followed.
    """
    if len(words) > 2:
        raise click.UsageError("blast-radius takes a home file and a host.")
    answer = Answer("blast-radius", home_before(words), form == "json")
    return answered(answer, lambda: _blast(answer, words[-1], form))


def _blast(answer: Answer, name: str, form: str) -> Status:
    home = read(answer.file, date.today())
    answer.diagnostics(home.warnings, home.document.sources)
    hosts = home.network.hosts
    if name not in hosts:
        from bailiwick.language.guess import did_you_mean

        guess = did_you_mean(name, hosts)
        raise click.UsageError(f"{answer.file} has no host {name}" + (f"; {guess}" if guess else "."))
    from bailiwick.intent import mean
    from bailiwick.proof.blast_radius import blast_radius
    from bailiwick.report.blast_text import blast_record, blast_svg, blast_text

    found = blast_radius(mean(home.network), hosts[name])
    answer.data(blast_radius=blast_record(found))
    sources = home.document.sources
    answer.text(blast_svg(found, sources).rstrip("\n") if form == "svg" else blast_text(found, screen()))
    return Status.HOLDS
