"""Which generation is the confirmed one: a link, replaced at once or not at all."""

from __future__ import annotations

import re
from contextlib import suppress

from bailiwick.agent.disk import durable
from bailiwick.agent.model import ORIGIN
from bailiwick.agent.places import Places


class Damaged(Exception):
    """What is on the disk is not what was written there; says what."""


def confirmed(places: Places) -> int:
    """ORIGIN before the first commit. Raises Damaged."""
    try:
        target = str(places.confirmed.readlink())
    except FileNotFoundError:
        return ORIGIN
    except OSError as error:
        raise Damaged(f"{places.confirmed} is no link to a generation: {error.strerror}") from error
    if not (named := re.fullmatch(r"generations/([1-9][0-9]*)", target)):
        raise Damaged(f"{places.confirmed} points to {target}, which is no generation")
    return int(named[1])


def confirm(places: Places, number: int) -> None:
    """Raises durable.NotWritten: then the one before still is, as far as this disk keeps anything."""
    before = confirmed(places)
    try:
        _point(places, number)
    except durable.NotWritten:
        with suppress(durable.NotWritten):
            _point(places, before)
        raise


def _point(places: Places, number: int) -> None:
    if number == ORIGIN:
        durable.remove(places.confirmed)
    else:
        durable.link(places.confirmed, f"generations/{number}")
