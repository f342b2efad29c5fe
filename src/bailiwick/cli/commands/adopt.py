"""``bailiwick adopt``: a router that runs to a first home file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bailiwick.cli.answer import FORMAT, HOME, Answer, answered
from bailiwick.cli.status import Status

if TYPE_CHECKING:
    from bailiwick.workflow.adopting import Adoption


@click.command("adopt")
@click.argument("files", type=click.Path(path_type=Path, exists=True), nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=HOME,
    show_default=True,
    metavar="HOME.yaml",
    help="The home file to write; one that exists is left alone.",
)
@click.option("--zone", "zones", metavar="NAME=IFACE,…", multiple=True, help="Call the zone of an interface so.")
@click.option("--outside", metavar="IFACE,…", multiple=True, help="These interfaces lead outside, and no others.")
@FORMAT
def command(
    *, files: tuple[Path, ...], output: Path, zones: tuple[str, ...], outside: tuple[str, ...], form: str
) -> Status:
    """Write a first home file from the configuration of a router that runs.

    FILE is what `audit` reads: a RouterOS export, or of a Linux router `nft -j list ruleset` or iptables-save with
    what `ip addr` and `ip route` print. The home file is compiled and compared with the original: exit status 1 where
    the two differ, and where. Nothing is sent anywhere, and the device is not asked.
    """
    if output.exists():
        raise click.UsageError(f"{output} exists; it is left as it is. Name another with --output.")
    named = tuple(map(_named, zones))
    answer = Answer("adopt", output, form == "json")
    return answered(answer, lambda: _adopt(answer, files, named, outside))


def _named(text: str) -> tuple[str, str]:
    name, equals, what = (part.strip() for part in text.partition("="))
    if not equals or not name or not what or "/" in what:
        raise click.UsageError(f"--zone {text}: write NAME=INTERFACE; a zone of a home file is an interface's.")
    return name, what


def _adopt(
    answer: Answer, files: tuple[Path, ...], zones: tuple[tuple[str, str], ...], outside: tuple[str, ...]
) -> Status:
    from bailiwick.workflow.adopting import BadZone, NftMissing, NoHome, Unusable, adopt_files

    away = tuple(word.strip() for text in outside for word in text.split(",") if word.strip())
    try:
        adoption = adopt_files(files, str(answer.file), date.today(), zones, away)
    except (Unusable, BadZone, NoHome, NftMissing) as error:
        answer.note(f"error: {error}")
        answer.data(error=str(error))
        return Status.WORLD if isinstance(error, NftMissing) else Status.INPUT
    with answer.file.open("x", encoding="utf-8") as out:
        out.write(adoption.text)
    return _print(answer, adoption)


def _print(answer: Answer, adoption: Adoption) -> Status:
    from bailiwick.report.adoption_text import adoption_record, adoption_text

    answer.diagnostics((*adoption.problems, *adoption.warnings), {str(answer.file): adoption.text})
    answer.data(file=str(answer.file), adoption=adoption_record(adoption))
    answer.text(adoption_text(adoption, str(answer.file)))
    return Status.HOLDS if adoption.same else Status.FAILS
