"""The program's entry: the table of commands, and the one place where errors become words and an exit status."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

import click

from bailiwick import __version__
from bailiwick.cli.defect import report_defect
from bailiwick.cli.lazy import LazyGroup
from bailiwick.cli.status import Status, words
from bailiwick.cli.streams import Unwritten, let_go

_HERE = "bailiwick.cli.commands"

COMMANDS = {
    "init": (f"{_HERE}.init", "Write a first home file from five questions."),
    "adopt": (f"{_HERE}.adopt", "Write a first home file from a router that runs."),
    "check": (f"{_HERE}.check", "Say what is wrong, and where; nothing when all is well."),
    "plan": (f"{_HERE}.plan", "Print what was decided: interfaces, flows, routes, leases."),
    "matrix": (f"{_HERE}.matrix", "Print who can reach what."),
    "explain": (f"{_HERE}.explain", "Follow one packet, step by step, to the line that decides."),
    "blast-radius": (f"{_HERE}.blast_radius", "Say what a lost host reaches, step by step."),
    "diff": (f"{_HERE}.diff", "Say what a change newly allows and newly denies."),
    "audit": (f"{_HERE}.audit", "Say what reaches what in a configuration that we did not write, and what is wrong."),
    "build": (f"{_HERE}.build", "Write every device's files into a directory."),
    "try": (f"{_HERE}.trial", "Bring the network up on this kernel and send real packets through it."),
    "apply": (f"{_HERE}.apply", "Make a device what the home file says, or leave it as it is."),
    "confirm": (f"{_HERE}.confirm", "Keep what an apply has made of a device."),
    "rollback": (f"{_HERE}.rollback", "Give an apply back, or return to an earlier generation."),
    "status": (f"{_HERE}.status", "Say what stands on a device, and what waits to be confirmed."),
    "drift": (f"{_HERE}.drift", "Say what on a device is otherwise than we left it."),
    "generations": (f"{_HERE}.generations", "Tell what a device has been, and what differs."),
    "uninstall": (f"{_HERE}.uninstall", "Give a device back as it was before the first apply."),
    "drill": (f"{_HERE}.drill", "Lock yourself out on purpose, and watch the device come back."),
    "capture": (f"{_HERE}.capture", "Show what comes by for a zone, a host or a link, live or in the twin."),
    "schema": (f"{_HERE}.schema", "Print the home file's JSON Schema, for editors."),
    "reference": (f"{_HERE}.reference", "Print every key of the home file."),
    "explain-error": (f"{_HERE}.explain_error", "Explain an error's code."),
}


COLLECT = (1_000_000, 20, 20)
"""A command builds a network and leaves: nearly everything it makes is kept to the end, and a collector that looks
again and again through what is kept makes the reading of a large home file take twice as long."""


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="bailiwick")
def program() -> None:
    """Your home network as one file: checked, planned, and tried with real packets.

    FILE is home.yaml in the current directory where a command does not name another.

    Exit status: 0 holds, 1 a claim fails, 2 the input is wrong, 3 the world is.
    """


def main() -> NoReturn:
    """Run the command line and exit. No error leaves as a traceback: see ``defect`` for our own mistakes."""
    sys.excepthook = report_defect
    gc.set_threshold(*COLLECT)
    try:
        status = program.main(prog_name="bailiwick", standalone_mode=False)
        gc.freeze()  # the process ends: what it made goes with it, and need not be looked through once more
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(Status.INTERRUPTED)
    except BrokenPipeError:
        let_go()  # the reader (head, less) has gone
        sys.exit(Status.HOLDS)
    except OSError as error:
        if isinstance(error, Unwritten):
            let_go()
        click.echo(f"error: {words(error)}", err=True)
        sys.exit(Status.WORLD)
    sys.exit(status if isinstance(status, int) else os.EX_OK)
