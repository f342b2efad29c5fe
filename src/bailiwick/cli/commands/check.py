"""``bailiwick check``: silent when all is well."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bailiwick.cli.answer import Answer, home_command
from bailiwick.cli.status import Status
from bailiwick.workflow import check
from bailiwick.workflow.proving import NftMissing, NotBuilt, prove_home


@click.command("check")
@home_command("check")
@click.option(
    "--rendered",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Prove the files in DIR, as `build` wrote them or as a router's root, instead of freshly rendered ones.",
)
def command(answer: Answer, rendered: Path | None) -> Status:
    """Say what is wrong with FILE, and where; print nothing when all is well.

    Reads, resolves, plans and renders, holds the `tests` lines against the rest of the file, then reads the rendered
    files back as the router would and proves that they do what the file means, for every packet. Nothing is written,
    and nothing outside is touched: nft lists the rules in a network namespace of its own.
    """
    checked = check(answer.file, date.today())
    try:
        proven = prove_home(checked, rendered)
    except (NftMissing, NotBuilt) as error:
        answer.diagnostics((*checked.read.warnings, *checked.failures), checked.read.document.sources)
        answer.note(f"error: not proven. {error}")
        answer.data(error=str(error), proven=False)
        return Status.WORLD
    answer.diagnostics((*checked.read.warnings, *checked.failures, *proven.failures), proven.sources)
    if proven.unseen:
        named = ", ".join(proven.unseen)
        answer.note(f"note: {rendered} holds the router's files alone: nothing is said of the VLANs of {named}.")
    layer2 = {"machines": list(proven.proof.machines), "unseen": list(proven.unseen)}
    answer.data(proven=proven.proof.holds, layer2=layer2)
    return Status.FAILS if checked.failures or proven.failures else Status.HOLDS
