"""Three sentences for somebody who worries: what the outside reaches, what zones reach, what could not be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bailiwick.claims.matrix import Cell, Matrix
from bailiwick.network.model import Place
from bailiwick.proof.audit.context import Context

_SHOWN = 4


def summary(context: Context, matrix: Matrix, other: Matrix | None) -> tuple[str, ...]:
    """One sentence or two for each question."""
    return (
        _outside(context, matrix),
        *([_six(context, other)] if other else []),
        _inside(context, matrix),
        _read(context),
    )


def _name(place: str) -> str:
    words = {Place.UNKNOWN: "an unknown interface", Place.OUTSIDE: "whoever is outside"}
    return words.get(place, place.partition(":")[2] or place)


def _outside(context: Context, matrix: Matrix) -> str:
    inner = [zone.id for zone in context.zones.inside] + [Place.ROUTER]
    reached = list(_reached(context, matrix, inner))
    if not any(zone.id != Place.UNKNOWN for zone in context.zones.outside):
        return "No interface leads outside, as far as the files tell: name the one that does with --outside."
    if not reached:
        return "Nobody outside reaches anything inside by himself."
    return f"From outside, {'; '.join(reached)}."


def _six(context: Context, matrix: Matrix) -> str:
    inner = [zone.id for zone in context.zones.inside] + [Place.ROUTER]
    reached = list(_reached(context, matrix, inner))
    return (
        f"By IPv6, from outside, {'; '.join(reached)}."
        if reached
        else "By IPv6 nobody outside reaches anything inside."
    )


def _reached(context: Context, matrix: Matrix, inner: Sequence[str]) -> Iterator[str]:
    """Outsides that reach the same things are told together."""
    groups: dict[str, list[str]] = {}
    for zone in context.zones.outside:
        said: dict[str, list[str]] = {}
        for place in inner:
            words = _words(matrix.cells.get((zone.id, place), Cell()))
            if words:
                said.setdefault(words, []).append("the router itself" if place == Place.ROUTER else _name(place))
        if len(said) > _SHOWN:
            count = sum(len(places) for places in said.values())
            groups.setdefault(f"{count} of {len(inner)} places inside by some service", []).append(_name(zone.id))
        elif said:
            text = " and ".join(f"{_listed(places)} by {words}" for words, places in said.items())
            groups.setdefault(text, []).append(_name(zone.id))
    for text, names in groups.items():
        yield f"{_listed(names)} reach{'es' if len(names) == 1 else ''} {text}"


def _words(cell: Cell) -> str:
    words = [*cell.services, *(f"{word} perhaps" for word in cell.possibly)]
    shown = words[:_SHOWN] + (["more"] if len(words) > _SHOWN else [])
    return _listed(["any service" if word == "any" else word for word in shown]) if shown else ""


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _inside(context: Context, matrix: Matrix) -> str:
    zones = [zone.id for zone in context.zones.inside]
    if not zones:
        return "The files name no zone inside."
    pairs = [(a, b) for a in zones for b in zones if (a, b) in matrix.cells]
    every = [pair for pair in pairs if "any" in matrix.cells[pair].services]
    some = [
        pair for pair in pairs if pair not in every and (matrix.cells[pair].services or matrix.cells[pair].possibly)
    ]
    router = [zone for zone in zones if "any" in matrix.cells.get((zone, Place.ROUTER), Cell()).services]
    first = (
        f"Of {len(pairs)} ways between {len(zones)} zones, {len(every)} are open for any service, {len(some)} for some"
    )
    if not pairs:
        first = "There is one zone inside"
    if not router:
        return f"{first}; no zone reaches every service of the router itself."
    who = (
        "every zone reaches"
        if len(router) == len(zones) > 1
        else f"{_listed([_name(zone) for zone in router])} reach{'es' if len(router) == 1 else ''}"
    )
    return f"{first}; {who} every service of the router itself."


def _read(context: Context) -> str:
    tally = context.device.tally
    if not tally.unknown:
        return f"All {tally.lines} lines were read: none is unknown."
    return (
        f"Of {tally.lines} lines, {len(tally.unknown)} could not be decided: "
        "where an answer hangs on them it is marked with a question mark."
    )
