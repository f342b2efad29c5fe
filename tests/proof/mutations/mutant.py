"""One file with one token changed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """``number`` is the changed line, from 1; ``kind`` the class of the token; ``text`` the whole file, changed.

    A line that is removed leaves an empty one, so that numbers stay.
    """

    path: str
    number: int
    kind: str
    old: str
    new: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.number}: {self.kind}: {self.old.strip()!r} -> {self.new.strip()!r}"
