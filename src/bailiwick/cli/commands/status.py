"""``bailiwick status``: what stands on a device, and whether an apply is open."""

from __future__ import annotations

import click

from bailiwick.cli.answer import Answer
from bailiwick.cli.device import Reach, device_command
from bailiwick.cli.status import Status
from bailiwick.report.apply_text import down, status_text


@click.command("status")
@device_command("status")
def command(answer: Answer, reach: Reach) -> Status:
    """Say which generation a device runs, whether an apply waits to be confirmed, and which units are down.

    Exit status 1 where an apply is open or a unit is not active.
    """
    name = reach.name
    status = reach.session(name).status()
    answer.data(device=name, **{key: status.get(key) for key in ("confirmed", "window", "units", "last")})
    answer.text(status_text(name, status))
    return Status.FAILS if status.get("window") or down(status) else Status.HOLDS
