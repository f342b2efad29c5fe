"""``bailiwick confirm``: the owner's word for what stands on a device, over a new connection."""

from __future__ import annotations

import sys

import click

from bailiwick.apply.tokens import Token, kept
from bailiwick.cli.answer import Answer
from bailiwick.cli.course import confirm
from bailiwick.cli.device import Reach, device_command, failed
from bailiwick.cli.status import Status


@click.command("confirm")
@device_command("confirm", positional=True)
@click.option("--token", "given", is_flag=True, help="Read the token from standard input, not from where it was kept.")
def command(answer: Answer, reach: Reach, *, given: bool) -> Status:
    """Keep what an apply of FILE has made of a device.

    The token that proves who began it was kept when it began. The connection is a new one, so that it shows that you
    still get in; where the device's address changed, --to names the new one.
    """
    if given:
        word = sys.stdin.readline().strip()
        token = Token(str(reach.home.absolute()), reach.name, reach.to or reach.name, 0, word)
    else:
        tokens = kept(reach.home, reach.device)
        if not tokens:
            return failed(answer, f"No apply of {reach.home} was begun from here, or it is over.", Status.INPUT)
        token = tokens[0]
    return confirm(answer, reach.session(token.to), token)
