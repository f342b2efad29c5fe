"""``bailiwick explain-error``: the page of one error."""

from __future__ import annotations

import difflib

import click

from bailiwick.cli.status import Status
from bailiwick.language.codes import explain, titles


@click.command("explain-error")
@click.argument("code", required=False)
def command(code: str | None) -> Status:
    """Explain the error CODE: what it means, what brings it about, how to mend it. Without CODE, list them all."""
    known = titles()
    if code is None:
        width = max(len(name) for name in known)
        click.echo("\n".join(f"{name.ljust(width)}  {known[name]}" for name in sorted(known)))
        return Status.HOLDS
    if code not in known:
        near = difflib.get_close_matches(code, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else "; `bailiwick explain-error` lists them all."
        raise click.UsageError(f"no error has the code {code}{hint}")
    click.echo(explain(code).rstrip("\n"))
    return Status.HOLDS
