"""How a command answers: text on stdout and diagnostics on stderr, or one JSON object on stdout (docs/json.md)."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import click

from bailiwick.cli.status import Status
from bailiwick.language.diagnostic import Diagnostic, Problems
from bailiwick.language.rendering import as_records, human

P = ParamSpec("P")

HOME = Path("home.yaml")
SCHEMA_VERSION = 1


class Answer:
    """Collects what a command has to say, in the form that was asked for."""

    def __init__(self, command: str, file: Path, as_json: bool) -> None:
        self.file = file
        self.as_json = as_json
        self._fields: dict[str, Any] = {"bailiwick": SCHEMA_VERSION, "command": command, "status": 0, "diagnostics": []}

    def text(self, text: str) -> None:
        """For people alone. ``text`` ends without a line break."""
        if not self.as_json:
            click.echo(text)

    def note(self, text: str) -> None:
        """For people alone, beside the answer: stderr."""
        if not self.as_json:
            click.echo(text, err=True)

    def data(self, **fields: Any) -> None:
        """For programs alone."""
        self._fields |= fields

    def diagnostics(self, diagnostics: Iterable[Diagnostic], sources: Mapping[str, str]) -> None:
        found = tuple(diagnostics)
        if self.as_json:
            self._fields["diagnostics"] += as_records(found)
        elif found:
            click.echo(human(found, sources, color=wants_color(sys.stderr)), err=True)

    def close(self, status: Status) -> Status:
        """Print the JSON object, if that is the form."""
        if self.as_json:
            click.echo(json.dumps(self._fields | {"status": int(status)}, indent=2, ensure_ascii=False))
        return status


def wants_color(stream: Any) -> bool:
    """The NO_COLOR convention (no-color.org): colour only towards a terminal that did not refuse it."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def home_command(
    name: str,
) -> Callable[[Callable[Concatenate[Answer, P], Status]], Callable[Concatenate[Path, str, P], Status]]:
    """Give a command its FILE and ``--format``, and turn what is wrong with the file into diagnostics and status 2."""

    def decorate(run: Callable[Concatenate[Answer, P], Status]) -> Callable[Concatenate[Path, str, P], Status]:
        @click.argument("file", type=click.Path(path_type=Path), default=HOME)
        @click.option("--format", "form", type=click.Choice(["human", "json"]), default="human", show_default=True)
        @wraps(run)
        def command(file: Path, form: str, *args: P.args, **kwargs: P.kwargs) -> Status:
            answer = Answer(name, file, form == "json")
            if not file.exists():
                raise click.UsageError(f"there is no {file} here; `bailiwick init` writes a first one.")
            try:
                return answer.close(run(answer, *args, **kwargs))
            except Problems as problems:
                answer.diagnostics(problems.diagnostics, problems.sources)
                return answer.close(Status.INPUT)

        return command

    return decorate
