"""``bailiwick check``: silent when all is well."""

from __future__ import annotations

from datetime import date

import click

from bailiwick.cli.answer import Answer, home_command
from bailiwick.cli.status import Status
from bailiwick.workflow import check


@click.command("check")
@home_command("check")
def command(answer: Answer) -> Status:
    """Say what is wrong with FILE, and where; print nothing when all is well.

    Reads, resolves, plans and renders, and holds the `tests` lines against the rest of the file. Nothing is
    written, and nothing outside is touched.
    """
    checked = check(answer.file, date.today())
    answer.diagnostics((*checked.read.warnings, *checked.failures), checked.read.document.sources)
    return Status.FAILS if checked.failures else Status.HOLDS
