"""``bailiwick explain``: one packet's way, step by step."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bailiwick.cli.answer import FORMAT, Answer, answered, home_before
from bailiwick.cli.status import Status
from bailiwick.workflow.explaining import explain_flow
from bailiwick.workflow.proving import NftMissing, NotBuilt


@click.command("explain")
@click.argument("words", metavar="[FILE] FLOW", nargs=-1, required=True)
@click.option(
    "--rendered",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Walk through the files in DIR instead of freshly rendered ones.",
)
@FORMAT
def command(words: tuple[str, ...], rendered: Path | None, form: str) -> Status:
    """Follow one packet through the router, to the line that decides, and say which sentence would allow it.

    FLOW is a sentence: 'camera -> mgmt: ssh', or with addresses: '192.168.50.7 -> 192.168.10.2: tcp/22'.
    Where some of its packets pass and others do not, one of each is followed.
    """
    if len(words) > 2:
        raise click.UsageError("explain takes a home file and one flow: put the flow between quotes.")
    answer = Answer("explain", home_before(words), form == "json")
    return answered(answer, lambda: _explain(answer, words[-1], rendered))


def _explain(answer: Answer, flow: str, rendered: Path | None) -> Status:
    try:
        found = explain_flow(answer.file, date.today(), flow, rendered)
    except (NftMissing, NotBuilt) as error:
        answer.note(f"error: {error}")
        answer.data(error=str(error))
        return Status.WORLD
    from bailiwick.report.explanation_text import explanation_text
    from bailiwick.report.records import explanation_record

    answer.diagnostics(found.proven.failures, found.proven.sources)
    answer.data(explanations=[explanation_record(one) for one in found.explanations])
    answer.text("\n\n".join(explanation_text(one, found.proven.texts) for one in found.explanations))
    return Status.FAILS if found.proven.failures else Status.HOLDS
