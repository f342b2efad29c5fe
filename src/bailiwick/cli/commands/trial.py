"""``bailiwick try``: the network on this kernel, and real packets through it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path

import click

from bailiwick.cli.answer import Answer, home_command
from bailiwick.cli.handout import hand_out, junit_of
from bailiwick.cli.progress import live
from bailiwick.cli.scenes import owned_host
from bailiwick.cli.screen import screen
from bailiwick.cli.status import Status
from bailiwick.report.proven import verdict
from bailiwick.report.raid_text import raid_text
from bailiwick.report.records import matrix_record, result_record
from bailiwick.report.replay import replay_text
from bailiwick.report.trial_text import trial_text
from bailiwick.twin import StageError, TwinOptions
from bailiwick.twin.options import CONTAINERS, IN_A_BOOTED_ONE, IN_A_MACHINE
from bailiwick.workflow import Checked, check
from bailiwick.workflow.proving import NftMissing, prove_home
from bailiwick.workflow.trial import try_home


@click.command("try")
@home_command("try", forms=("junit",))
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="Write a page with every cell's sentences here."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Leave result.json, junit.xml, and the packets and a script of each refuted claim in this directory.",
)
@click.option("--only", multiple=True, metavar="CLAIM", help="Try this claim alone, by its id; may be given again.")
@click.option("--vm", is_flag=True, help="In a virtual machine with Debian's kernel; the first time it is fetched.")
@click.option("--boot", is_flag=True, help="In a virtual machine where systemd boots the router's files; minutes.")
@click.option(
    "--all",
    "every",
    is_flag=True,
    help="Play the scenes that take longer or disturb the router, too; in a virtual machine, a container's.",
)
@click.option("--scene", default="", metavar="NAME-owned", help="Let a host, or the first of a zone, be an intruder's.")
def command(
    answer: Answer,
    report: Path | None,
    out: Path | None,
    only: tuple[str, ...],
    *,
    vm: bool,
    boot: bool,
    every: bool,
    scene: str,
) -> Status:
    """Bring FILE's network up in namespaces on this kernel, with the files as built, and send real packets through it.

    Prints what was seen otherwise than meant, then the matrix, and exits 1 on any difference. Nothing outside the
    namespaces is touched. Runs as root, or as anyone where the kernel lets users make namespaces. With --vm it needs
    neither: what this kernel lacks (VLANs, PPPoE, WireGuard) is real there, and it takes about a minute.
    """
    checked = check(answer.file, date.today())
    answer.diagnostics((*checked.read.warnings, *checked.failures), checked.read.document.sources)
    known(only, checked)
    owned = owned_host(scene, checked.read.network) if scene else ""
    if owned and only:
        raise click.UsageError("--scene and --only each choose what is tried: give one of them.")
    if boot and scene:
        raise click.UsageError("--boot tries what systemd starts; --scene is for the other stages.")
    stage = IN_A_BOOTED_ONE if boot else IN_A_MACHINE if vm else TwinOptions()
    acts = (CONTAINERS,) if (boot or vm) and every and not (only or scene) else ()
    options = replace(stage, only=only, every=every and not boot, acts=acts, owned=owned)
    try:
        proven = prove_home(checked)
        with live(f"Trying {answer.file}") as listener:
            trial = try_home(checked, options, proven, listener)
    except (StageError, NftMissing) as error:
        answer.note(f"error: {error}")
        answer.data(error=str(error))
        return Status.WORLD
    answer.data(matrix=matrix_record(trial.matrix), result=result_record(trial.result), proven=proven.proof.holds)
    answer.diagnostics(proven.failures, proven.sources)
    answer.document(junit_of(trial))
    answer.text(
        replay_text(trial.result)
        if only
        else f"What {owned} can do in an intruder's hands.\n\n{raid_text(trial.result, screen())}"
        if owned
        else f"{trial_text(trial.matrix, trial.result, screen())}\n\n{verdict(proven.proof)}"
    )
    if out is not None:
        files = hand_out(trial, answer.file, out)
        answer.note(f"\n{len(files)} files are in {out}.")
    if report is not None:
        from bailiwick.report.page import page  # jinja2 is needed for a page alone

        report.write_text(page(trial), encoding="utf-8")
        answer.note(f"\nThe report is in {report}.")
    holds = trial.result.holds and proven.proof.holds and not checked.failures
    return Status.HOLDS if holds else Status.FAILS


def known(only: tuple[str, ...], checked: Checked) -> None:
    """Raises UsageError for an id that no claim has, with those most like it."""
    ids = [claim.id for claim in checked.intent.claims()] if only else []
    for one in only:
        if one not in ids:
            near = get_close_matches(one, ids, 3, 0.4)
            raise click.UsageError(f"There is no claim {one}." + (f" Near it: {'; '.join(near)}." if near else ""))
