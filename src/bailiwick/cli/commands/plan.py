"""``bailiwick plan``: what was decided."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bailiwick.cli.answer import Answer, home_command
from bailiwick.cli.status import Status
from bailiwick.plan import make_plan
from bailiwick.plan.data import as_data
from bailiwick.plan.show import show
from bailiwick.report.picture import picture
from bailiwick.workflow import read


@click.command("plan")
@home_command("plan")
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), help="Draw the network into this file as well.")
def command(answer: Answer, svg: Path | None) -> Status:
    """Print what was decided: interfaces, who may open which connection to whom and why, routes, leases, settings."""
    home = read(answer.file, date.today())
    answer.diagnostics(home.warnings, home.document.sources)
    plan = make_plan(home.network)
    if svg is not None:
        svg.write_text(picture(home.network), encoding="utf-8")
    answer.data(plan=as_data(plan))
    answer.text(show(plan).rstrip("\n"))
    return Status.HOLDS
