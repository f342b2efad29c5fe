"""``bailiwick matrix``: who can reach what."""

from __future__ import annotations

from datetime import date

import click

from bailiwick.cli.answer import Answer, home_command
from bailiwick.cli.screen import screen
from bailiwick.cli.status import Status
from bailiwick.intent import mean
from bailiwick.report.matrix_table import matrix_table
from bailiwick.report.records import matrix_record
from bailiwick.workflow import read


@click.command("matrix")
@home_command("matrix")
def command(answer: Answer) -> Status:
    """Print who can reach what: a row for each place that opens connections, a column for each that answers."""
    home = read(answer.file, date.today())
    answer.diagnostics(home.warnings, home.document.sources)
    matrix = mean(home.network).matrix()
    answer.data(matrix=matrix_record(matrix))
    answer.text(matrix_table(matrix, screen()))
    return Status.HOLDS
