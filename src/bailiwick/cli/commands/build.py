"""``bailiwick build``: every device's files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bailiwick.cli.answer import FORMAT, HOME, Answer, answered, existing
from bailiwick.cli.status import Status
from bailiwick.workflow import Refused, build, check


@click.command("build")
@click.argument("paths", metavar="[FILE] DIRECTORY", nargs=-1, required=True, type=click.Path(path_type=Path))
@FORMAT
def command(paths: tuple[Path, ...], form: str) -> Status:
    """Write every device's files below DIRECTORY, with a manifest; the same input gives the same bytes.

    DIRECTORY is replaced as a whole when an earlier build wrote it, and refused when it holds anything else.
    Secrets are never written: their places hold a marker that the manifest explains.
    """
    if len(paths) > 2:
        raise click.UsageError("build takes a home file and a directory.")
    answer = Answer("build", existing(paths[0] if len(paths) == 2 else HOME), form == "json")
    return answered(answer, lambda: _build(answer, paths[-1]))


def _build(answer: Answer, directory: Path) -> Status:
    checked = check(answer.file, date.today())
    answer.diagnostics((*checked.read.warnings, *checked.failures), checked.read.document.sources)
    if checked.failures:
        return Status.FAILS
    try:
        built = build(checked.trees, directory)
    except Refused as refused:
        answer.note(f"error: {refused}")
        answer.data(error=str(refused))
        return Status.WORLD
    answer.data(directory=str(built.directory), files=list(built.files))
    answer.text("\n".join(built.files))
    return Status.HOLDS
