"""How a command answers: text on stdout and diagnostics on stderr, or one JSON object on stdout (docs/json.md)."""

from __future__ import annotations

import errno
import io
import json
import os
import select
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from bailiwick.cli.status import Status
from bailiwick.cli.streams import read_or_not
from bailiwick.language.diagnostic import Diagnostic, Problems
from bailiwick.language.rendering import as_json, human

P = ParamSpec("P")
F = TypeVar("F", bound=Callable[..., Any])

HOME = Path("home.yaml")
SCHEMA_VERSION = 1


class Answer:
    """Collects what a command has to say, in the form that was asked for."""

    def __init__(self, command: str, file: Path, json_form: bool, document_form: bool = False) -> None:
        self.file = file
        self.json_form = json_form
        self.document_form = document_form
        self._outcomes: list[str] = []
        self._fields: dict[str, Any] = {"bailiwick": SCHEMA_VERSION, "command": command, "status": 0, "diagnostics": []}

    def text(self, text: str) -> None:
        """For people alone. ``text`` ends without a line break."""
        if not self.json_form and not self.document_form:
            click.echo(text)

    def document(self, text: str) -> None:
        """The whole answer in a form of the command's own (``home_command``, ``forms``), with its last line break."""
        if self.document_form:
            click.echo(text, nl=False)

    def note(self, text: str) -> None:
        """For people alone, beside the answer: stderr."""
        if not self.json_form:
            click.echo(text, err=True)

    def data(self, **fields: Any) -> None:
        """For programs alone."""
        self._fields |= fields

    def diagnostics(self, diagnostics: Iterable[Diagnostic], sources: Mapping[str, str]) -> None:
        found = tuple(diagnostics)
        if self.json_form:
            self._fields["diagnostics"] += json.loads(as_json(found))["diagnostics"]
        elif found:
            click.echo(human(found, sources, color=wants_color(sys.stderr)), err=True, nl=False)

    def close(self, status: Status) -> Status:
        """Print the JSON object, if that is the form."""
        if self.json_form:
            self._said(json.dumps(self._fields | {"status": int(status)}, indent=2, ensure_ascii=False))
        return status

    def outcome(self, text: str) -> None:
        """As ``text``, of what has come to pass on a device. A reader who has gone changes nothing of it; where it
        cannot be written for another reason it is said on stderr, and OSError raised."""
        self._outcomes.append(text)
        if not self.json_form:
            self._said(text)

    def _said(self, text: str) -> None:
        try:
            with read_or_not():
                click.echo(text)
        except OSError:
            for outcome in self._outcomes:
                click.echo(outcome, err=True)
            raise

    def must_be_read(self) -> None:
        """Before something begins: raises OSError where stdout is closed, BrokenPipeError where its reader has gone."""
        try:
            number = sys.stdout.fileno()
        except io.UnsupportedOperation:  # no file: whoever put it there reads it
            return
        try:
            os.write(number, b"")  # EBADF, where it is not open for that
        except OSError as error:
            raise OSError(error.errno, f"stdout takes nothing ({error.strerror}): nothing was begun") from error
        poll = select.poll()
        poll.register(number, 0)
        if any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0)):
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def wants_color(stream: Any) -> bool:
    """The NO_COLOR convention (no-color.org): colour only towards a terminal that did not refuse it."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def format_option(*forms: str) -> Callable[[F], F]:
    """``--format``, with a command's own forms beside the two that all have."""
    more = "".join(f", or {form} for what reads that" for form in forms)
    return click.option(
        "--format",
        "form",
        type=click.Choice(["human", "json", *forms]),
        default="human",
        show_default=True,
        help=f"Text for people, or one JSON object for programs{more}.",
    )


FORMAT = format_option()


def home_command(
    name: str, forms: tuple[str, ...] = ()
) -> Callable[[Callable[Concatenate[Answer, P], Status]], Callable[..., Status]]:
    """Give a command its FILE and ``--format``, and let ``answered`` run it. ``forms``: of its own (``document``)."""

    def decorate(run: Callable[Concatenate[Answer, P], Status]) -> Callable[..., Status]:
        @click.argument("file", type=click.Path(path_type=Path), default=HOME)
        @format_option(*forms)
        @wraps(run)
        def command(file: Path, form: str, *args: P.args, **kwargs: P.kwargs) -> Status:
            answer = Answer(name, existing(file), form == "json", form in forms)
            return answered(answer, lambda: run(answer, *args, **kwargs))

        return command

    return decorate


def existing(file: Path) -> Path:
    """The home file's path; a missing one is a mistake of the command line, and has one usual remedy."""
    if not file.exists():
        raise click.UsageError(f"There is no {file} here. `bailiwick init` writes a first one.")
    return file


def home_before(words: Sequence[str]) -> Path:
    """The home file of ``[FILE] NAME``; where the words stand the other way round, or one is missing, that is said."""
    *files, last = words
    home = Path(files[0]) if files else HOME
    if not home.exists() and last.endswith((".yaml", ".yml")) and Path(last).is_file():
        if files:
            raise click.UsageError(f"The home file comes first: {shlex.join((last, *files))}")
        raise click.UsageError(f"{last} is the home file; what is asked about it comes after it.")
    return existing(home)


def answered(answer: Answer, run: Callable[[], Status]) -> Status:
    """Run a command on its home file; what is wrong with the file becomes diagnostics and status 2."""
    try:
        return answer.close(run())
    except Problems as problems:
        answer.diagnostics(problems.diagnostics, problems.sources)
        return answer.close(Status.INPUT)
