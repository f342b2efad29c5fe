"""``bailiwick reference``: every key of the home file."""

from __future__ import annotations

import click

from bailiwick.cli.status import Status
from bailiwick.language.reference import reference


@click.command("reference")
def command() -> Status:
    """Print every key of the home file, as Markdown: what it holds, what it is when unsaid, an example."""
    click.echo(reference().rstrip("\n"))
    return Status.HOLDS
