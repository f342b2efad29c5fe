"""``bailiwick capture``: what comes by on one of the router's interfaces, in the words of the home file."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from bailiwick.cli.answer import FORMAT, Answer, answered, home_before
from bailiwick.cli.status import Status
from bailiwick.twin import StageError
from bailiwick.twin.capture import Names, NoSpot
from bailiwick.twin.wire.headers import Frame, parsed
from bailiwick.twin.wire.pcap import header, record
from bailiwick.workflow.capturing import Aimed, aim, in_twin, listening


@dataclass(frozen=True, slots=True)
class _Asked:
    name: str
    host: str
    write: Path | None
    count: int
    seconds: float
    twin: bool


@click.command("capture")
@click.argument("words", metavar="[FILE] ZONE|HOST|LINK", nargs=-1, required=True)
@click.option(
    "--host", default="", metavar="NAME", help="Only what comes from this host or goes to it; an address, too."
)
@click.option("-w", "--write", type=click.Path(path_type=Path, dir_okay=False), help="Write the frames here, as pcap.")
@click.option(
    "-n", "--count", type=click.IntRange(1), default=1000, show_default=True, help="Stop after so many frames."
)
@click.option(
    "--seconds", type=click.FloatRange(0.1, 3600), default=10.0, show_default=True, help="Stop after this long."
)
@click.option("--twin", is_flag=True, help="In the twin, while it sends a trial's packets, instead of on this machine.")
@FORMAT
def command(words: tuple[str, ...], form: str, **asked: Any) -> Status:
    """Show what comes by on the router's interface of a zone, a host or a link, both ways, with VLAN tags.

    Runs on the router, as root; with --twin anywhere that `bailiwick try` runs. A LINK is written MACHINE/PORT, or as
    the interface is called.
    """
    if len(words) > 2:
        raise click.UsageError("capture takes a home file and one name of a zone, host or link.")
    answer = Answer("capture", home_before(words), form == "json")
    wanted = _Asked(words[-1], **asked)
    return answered(answer, lambda: _capture(answer, wanted))


def _capture(answer: Answer, asked: _Asked) -> Status:
    try:
        aimed = aim(answer.file, date.today(), asked.name, asked.host)
    except NoSpot as error:
        raise click.UsageError(str(error)) from None
    aimed = replace(aimed, spot=replace(aimed.spot, count=asked.count, seconds=asked.seconds))
    try:
        frames = _heard(answer, aimed, asked)
    except (StageError, _NotHere) as error:
        answer.note(f"error: {error}")
        answer.data(error=str(error))
        return Status.WORLD
    answer.data(interfaces=list(aimed.spot.interfaces), frames=[_record(frame, aimed.names) for frame in frames])
    answer.note(f"{len(frames)} frames on {', '.join(aimed.spot.interfaces)}")
    return Status.HOLDS


class _NotHere(Exception):
    """This machine cannot listen."""


def _heard(answer: Answer, aimed: Aimed, asked: _Asked) -> list[Frame]:
    """Shows and writes each as it comes."""
    kept: list[Frame] = []
    with ExitStack() as stack:
        found: Iterable[Frame]
        try:
            found = in_twin(aimed) if asked.twin else stack.enter_context(listening(aimed.spot))
        except OSError as error:
            raise _NotHere(_why(error, aimed)) from None
        file = stack.enter_context(asked.write.open("wb")) if asked.write else None
        if file:
            file.write(header())
        for frame in found:
            kept.append(frame)
            answer.text(f"{datetime.fromtimestamp(frame.at):%H:%M:%S.%f} {aimed.names.words(frame)}")
            if file:
                file.write(record(frame))
    return kept


def _why(error: OSError, aimed: Aimed) -> str:
    router = aimed.checked.read.network.router.name
    names = ", ".join(aimed.spot.interfaces)
    if error.errno == errno.ENODEV:
        return f"this machine has no {names}: run it on {router}, or with --twin"
    if error.errno in (errno.EPERM, errno.EACCES):
        return f"only root may listen on {names}"
    return f"listening on {names}: {error.strerror}"


def _record(frame: Frame, names: Names) -> dict[str, Any]:
    said = parsed(frame)
    return {
        "at": frame.at,
        "interface": frame.interface,
        "outgoing": frame.outgoing,
        "vlans": list(said.tags),
        "source": str(said.source) if said.source else None,
        "destination": str(said.destination) if said.destination else None,
        "what": said.what,
        "words": names.words(frame),
        "bytes": len(frame.data),
    }
