"""What every command that speaks to a device shares: its options, how it gets there, and words for what goes wrong."""

from __future__ import annotations

import getpass
import shlex
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import click

from bailiwick.apply.agent import Agent
from bailiwick.apply.protocol import Garbled, Refusal
from bailiwick.apply.secrets import SecretsMissing
from bailiwick.apply.session import PATIENCE, Drift, Session, Terms
from bailiwick.apply.transport import BadAddress, Cut, Unreachable, transport_to
from bailiwick.cli.answer import FORMAT, HOME, Answer, answered
from bailiwick.cli.status import Status
from bailiwick.cli.streams import let_go
from bailiwick.report.apply_text import drift_text
from bailiwick.workflow.applying import NoDevice, Target, device_of
from bailiwick.workflow.proving import NftMissing

P = ParamSpec("P")
F = TypeVar("F", bound=Callable[..., Any])

LACKING = ("world", "space", "damaged")
"""Kinds of a refusal that no other answer would change: something has to be mended on the device."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which device of which home file, and how to get there; "" is what goes without saying."""

    home: Path
    device: str
    to: str
    ssh_config: Path | None

    @property
    def name(self) -> str:
        """For people: the home file is read for it where no option tells. Raises Problems, NoDevice."""
        return self.device or self.to or device_of(self.home, date.today())

    def target(self, device: str) -> Target:
        return Target(self.home, device, self.to or device)

    @property
    def options(self) -> tuple[str, ...]:
        """As they were given, for a shell."""
        given = (("--device", self.device), ("--to", self.to), ("--ssh-config", str(self.ssh_config or "")))
        return tuple(f"{option} {shlex.quote(value)}" for option, value in given if value)

    def session(self, to: str = "") -> Session:
        """``to``: where no option says it. Raises BadAddress."""
        return Session(Agent(transport_to(self.to or to, self.ssh_config, interactive=sys.stdin.isatty())))


@dataclass(frozen=True, slots=True)
class Consent:
    """How a window is opened and closed; ``patience`` in seconds."""

    yes: bool
    auto_confirm: bool
    patience: float

    def agreed(self, question: str) -> bool:
        """Raises UsageError where nobody can be asked."""
        if self.yes:
            return True
        if not sys.stdin.isatty():
            raise click.UsageError("Nobody can be asked here: --yes agrees beforehand.")
        return click.confirm(question, default=False, err=True)

    def terms(self, expect: str) -> Terms:
        """With the owner's name, for whoever comes upon the open window."""
        return Terms(f"{getpass.getuser()}@{socket.gethostname()}", self.patience, expect=expect)


def device_command(
    name: str, positional: bool = False
) -> Callable[[Callable[Concatenate[Answer, Reach, P], Status]], Callable[..., Status]]:
    """Give a command a home file, a device of it and ``--format``; what the world refuses becomes a sentence.

    ``positional``: FILE rather than ``--home``, as of the commands that are about the home file itself.
    """
    path = click.Path(path_type=Path)
    home_option = (
        click.argument("home", metavar="[FILE]", type=path, default=HOME)
        if positional
        else click.option("--home", type=path, default=HOME, show_default=True, help="The home file.")
    )

    def decorate(run: Callable[Concatenate[Answer, Reach, P], Status]) -> Callable[..., Status]:
        @home_option
        @click.option("--device", default="", metavar="NAME", help="Of the home file's devices. [the router]")
        @click.option("--to", default="", metavar="HOST", help="As ssh knows the device, or `local`. [its name]")
        @click.option(
            "--ssh-config",
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help="Use this file in place of ~/.ssh/config.",
        )
        @FORMAT
        @wraps(run)
        def command(
            home: Path, device: str, to: str, ssh_config: Path | None, form: str, *args: P.args, **kwargs: P.kwargs
        ) -> Status:
            reach = Reach(home, device, to, ssh_config)
            answer = Answer(name, home, form == "json")
            return answered(answer, lambda: _spoken(answer, lambda: run(answer, reach, *args, **kwargs)))

        return command

    return decorate


def consent_options(run: F) -> F:
    """``--yes``, ``--auto-confirm`` and ``--confirm-timeout``, as one ``consent``."""

    @click.option("--yes", is_flag=True, help="Do not ask before the change.")
    @click.option(
        "--auto-confirm", is_flag=True, help="Confirm once every probe held and a new connection came through."
    )
    @click.option(
        "--confirm-timeout",
        type=click.IntRange(10, 86400),
        default=int(PATIENCE),
        show_default=True,
        metavar="SECONDS",
        help="How long the device waits to be confirmed before it goes back.",
    )
    @wraps(run)
    def command(*args: Any, yes: bool, auto_confirm: bool, confirm_timeout: int, **kwargs: Any) -> Any:
        try:
            return run(*args, consent=Consent(yes, auto_confirm, float(confirm_timeout)), **kwargs)
        except BrokenPipeError:  # of what is shown before; ``Answer.outcome`` raises none
            let_go()
            return failed(args[0], "Nobody reads what would change: nothing was changed.", Status.WORLD)

    return cast(F, command)


def _spoken(answer: Answer, run: Callable[[], Status]) -> Status:
    try:
        return run()
    except Refusal as refusal:
        if refusal.kind in LACKING:
            return failed(answer, f"The device cannot do it: {refusal}.", Status.WORLD)
        return failed(answer, f"The device refuses: {refusal}.", Status.FAILS)
    except SecretsMissing as missing:
        return failed(answer, str(missing), Status.INPUT)
    except (NoDevice, BadAddress) as error:
        return failed(answer, str(error), Status.INPUT)
    except (Unreachable, Cut, Garbled, NftMissing) as error:
        return failed(answer, str(error), Status.WORLD)


def failed(answer: Answer, sentence: str, status: Status) -> Status:
    """``sentence`` is why."""
    answer.note(f"error: {sentence}")
    answer.data(error=sentence)
    return status


def not_ours(answer: Answer, name: str, drift: Drift, take_over: bool) -> Status | None:
    """A status where the device was changed by somebody else, and nobody said that this may be overwritten."""
    if not drift.ours or take_over:
        return None
    answer.text(drift_text(drift.ours))
    return failed(answer, f"{name} is otherwise than we left it. `--take-over` overwrites that.", Status.FAILS)
