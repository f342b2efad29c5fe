"""``bailiwick generations``: what a device has been, and what differs between two of it."""

from __future__ import annotations

import base64
import difflib
from collections.abc import Iterator, Mapping
from typing import Any

import click

from bailiwick.agent.model import Generation, from_data
from bailiwick.apply.protocol import Garbled
from bailiwick.apply.session import Session
from bailiwick.cli.answer import Answer
from bailiwick.cli.device import Reach, device_command
from bailiwick.cli.status import Status
from bailiwick.report.apply_text import generations_text

Shown = tuple[Generation, Mapping[str, str]]


@click.command("generations")
@click.argument("what", type=click.Choice(["list", "show", "diff"]), default="list")
@click.argument("numbers", type=click.IntRange(1), nargs=-1)
@device_command("generations")
def command(answer: Answer, reach: Reach, *, what: str, numbers: tuple[int, ...]) -> Status:
    """Tell which generations a device keeps (list), what is in one (show N), or what differs in two (diff A B).

    A secret is shown as a marker. `diff` exits with 1 where something differs.
    """
    if len(numbers) != {"list": 0, "show": 1, "diff": 2}[what]:
        raise click.UsageError("generations takes `list`, `show N` or `diff A B`.")
    name = reach.name
    session = reach.session(name)
    if what == "list":
        history = session.history()
        answer.data(device=name, **{key: list(history.get(key, ())) for key in ("generations", "entries")})
        answer.text(generations_text(history))
        return Status.HOLDS
    if what == "show":
        generation, texts = _show(session, numbers[0])
        answer.data(device=name, number=numbers[0], files=dict(texts), enable=generation.enable)
        answer.text("\n".join(f"==> {path} <==\n{text}" for path, text in texts.items()))
        return Status.HOLDS
    lines = list(_differences(_show(session, numbers[0]), _show(session, numbers[1])))
    answer.data(device=name, numbers=list(numbers), lines=lines)
    answer.text("\n".join(lines) or f"Generations {numbers[0]} and {numbers[1]} are the same.")
    return Status.FAILS if lines else Status.HOLDS


def _show(session: Session, number: int) -> Shown:
    answer: Mapping[str, Any] = session.agent.ask("show", {"number": number})
    try:
        contents = answer["contents"]
        texts = {path: base64.b64decode(contents[path]).decode("utf-8", "replace") for path in sorted(contents)}
        return from_data(answer["generation"]), texts
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Garbled(f"What the device shows of generation {number} cannot be read ({error}).") from error


def _differences(old: Shown, new: Shown) -> Iterator[str]:
    """As diff(1) -u; a file of which only what cannot be seen differs is named (a secret, its mode, its owner)."""
    for path in sorted({*old[1], *new[1]}):
        before, after = (one[1].get(path, "").splitlines() for one in (old, new))
        first_name, second_name = (f"{one[0].number}{path}" for one in (old, new))
        lines = list(difflib.unified_diff(before, after, first_name, second_name, lineterm=""))
        yield from lines
        first, second = old[0].file(path), new[0].file(path)
        if not lines and first and second and first != second:
            unseen = "its mode or owner" if first.sha256 == second.sha256 else "a secret in it"
            yield f"{path}: {unseen} differs"
    for title, one, other in (("enabled", old[0].enable, new[0].enable), ("disabled", old[0].disable, new[0].disable)):
        yield from (f"-{title} {unit}" for unit in one if unit not in other)
        yield from (f"+{title} {unit}" for unit in other if unit not in one)
