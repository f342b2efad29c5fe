"""One file with one token changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

Change = tuple[str, str, str, str]
"""Of one line: the class of the token, the old one, the new one, and the line changed."""


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


def mutants(path: str, text: str, changes: Callable[[str], Iterable[Change]]) -> Iterator[Mutant]:
    """Every change of every line, each changed line once."""
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        seen = {line}
        for kind, old, new, changed in changes(line):
            if changed not in seen:
                seen.add(changed)
                yield Mutant(path, number, kind, old, new, "\n".join([*lines[: number - 1], changed, *lines[number:]]))
