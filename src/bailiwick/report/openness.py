"""How open a cell of the matrix is, and the few words that say it at a glance."""

from __future__ import annotations

from enum import StrEnum

from bailiwick.claims.matrix import Cell
from bailiwick.claims.wording import place_words
from bailiwick.report.plain import plain

ANY = "any"


class Openness(StrEnum):
    EVERY = "every"
    """Any service passes."""
    SOME = "some"
    """These services pass."""
    PERHAPS = "perhaps"
    """Something may pass: it hangs on what could not be read."""
    ITSELF = "itself"
    """Only what opens by itself, because of another line."""
    NONE = "none"
    """Nothing passes."""
    ZONE = "zone"
    """A host's cell that is as its zone's."""
    VOID = "void"
    """No packet goes there."""


MEANINGS = {
    Openness.EVERY: "any service",
    Openness.SOME: "some services",
    Openness.PERHAPS: "perhaps: not everything could be read",
    Openness.ITSELF: "only what opens by itself",
    Openness.NONE: "nothing",
    Openness.ZONE: "as its zone",
}
"""For legends, the most open first."""


def openness(cell: Cell | None) -> Openness:
    """``None`` is a pair that no packet can take."""
    if cell is None:
        return Openness.VOID
    if cell.as_zone:
        return Openness.ZONE
    if any(word == ANY or word.startswith(f"{ANY} by ") for word in cell.services):
        return Openness.EVERY
    if cell.services:
        return Openness.SOME
    if cell.possibly:
        return Openness.PERHAPS
    return Openness.ITSELF if cell.derived else Openness.NONE


def asked_words(cell: Cell) -> tuple[str, ...]:
    """The services that lines ask for, and with a question mark what may pass or not; beside ``any`` the others say
    nothing more."""
    said = (ANY,) if ANY in cell.services else (*cell.services, *(f"{word}?" for word in cell.possibly))
    return tuple(map(plain, said))


def cell_words(cell: Cell) -> str:
    """ "icmp, ssh (dns)": in brackets what opens by itself."""
    parts = [", ".join(asked_words(cell))]
    if cell.derived:
        parts.append(f"({', '.join(cell.derived)})")
    return plain(" ".join(part for part in parts if part))


def axis_words(place: str) -> str:
    """The name of a row or column: ``host:nas@lan`` is "nas@lan", ``group:phones`` "phones (group)"."""
    kind, _, name = place.partition(":")
    return plain(f"{name} (group)" if kind == "group" else place_words(place))
