"""``bailiwick drift``: what on a device is otherwise than the confirmed generation says."""

from __future__ import annotations

import click

from bailiwick.cli.answer import Answer
from bailiwick.cli.device import Reach, device_command
from bailiwick.cli.status import Status
from bailiwick.report.apply_text import drift_text


@click.command("drift")
@device_command("drift")
def command(answer: Answer, reach: Reach) -> Status:
    """Say what on a device is otherwise than we left it: its files, and what runs.

    What others keep there (Docker, libvirt, wg-quick) is named and counts as no drift. Exit status 1 where something
    of ours differs.
    """
    name = reach.name
    drift = reach.session(name).drift()
    answer.data(device=name, drift=list(drift.differences))
    answer.text(f"{name}: {_head(len(drift.ours))}")
    if drift.ours:
        answer.text(drift_text(drift.ours))
    foreign = [one for one in drift.differences if one not in drift.ours]
    if foreign:
        answer.text(f"Of others, left alone\n{drift_text(foreign)}")
    return Status.FAILS if drift.ours else Status.HOLDS


def _head(count: int) -> str:
    if not count:
        return "it is as we left it."
    return (
        "one thing is otherwise than we left it." if count == 1 else f"{count} things are otherwise than we left them."
    )
