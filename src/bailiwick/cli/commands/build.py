"""``bailiwick build``: every device's files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bailiwick.cli.answer import Answer, home_command
from bailiwick.cli.status import Status
from bailiwick.workflow import Refused, build, check


@click.command("build")
@home_command("build")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def command(answer: Answer, directory: Path) -> Status:
    """Write every device's files below DIRECTORY, with a manifest; the same input gives the same bytes.

    DIRECTORY is replaced as a whole when an earlier build wrote it, and refused when it holds anything else.
    Secrets are never written: their places hold a marker that the manifest explains.
    """
    checked = check(answer.file, date.today())
    answer.diagnostics((*checked.read.warnings, *checked.failures), checked.read.document.sources)
    if checked.failures:
        return Status.FAILS
    try:
        built = build(checked.trees, directory)
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused
    answer.data(directory=str(built.directory), files=list(built.files))
    answer.text("\n".join(built.files))
    return Status.HOLDS
