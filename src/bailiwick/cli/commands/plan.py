"""``bailiwick plan``: what was decided, or what of it a device has already."""

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
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="EXPORT",
    help="Say instead what importing the script would change on the RouterOS device that this is the export of.",
)
@click.option("--device", default="", metavar="NAME", help="With --against, of the home file's devices. [the router]")
def command(answer: Answer, svg: Path | None, against: Path | None, device: str) -> Status:
    """Print what was decided: interfaces, who may open which connection to whom and why, routes, leases, settings.

    With --against, exit status 1 where the import would stop half-way, or a line of the export is not understood.
    """
    if against is not None:
        return _against(answer, against, device)
    home = read(answer.file, date.today())
    answer.diagnostics(home.warnings, home.document.sources)
    plan = make_plan(home.network)
    if svg is not None:
        svg.write_text(picture(home.network), encoding="utf-8")
    answer.data(plan=as_data(plan))
    answer.text(show(plan).rstrip("\n"))
    return Status.HOLDS


def _against(answer: Answer, export: Path, device: str) -> Status:
    from bailiwick.report.import_text import import_record, import_text
    from bailiwick.workflow import check
    from bailiwick.workflow.importing import Unusable, against

    checked = check(answer.file, date.today())
    try:
        name, found = against(checked, export, device)
    except Unusable as error:
        answer.note(f"error: {error}")
        answer.data(error=str(error))
        return Status.INPUT
    answer.data(device=name, against=import_record(found))
    answer.text(import_text(name, str(export), found))
    return Status.HOLDS if found.clean else Status.FAILS
