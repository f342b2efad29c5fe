"""Lines of a file, each with the plan ids that it carries out, put together to an artifact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bailiwick.targets.artifact import Artifact


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its newline."""

    text: str
    ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if "\n" in self.text or "\r" in self.text:
            raise ValueError(f"a line of a file holds a line break: {self.text!r}")


BLANK = Line("")


def comments(*texts: str) -> tuple[Line, ...]:
    """Comment lines of every language that we write: all begin them with a hash."""
    return tuple(Line(f"# {text}" if text else "#") for text in texts)


def paragraphs(*parts: Iterable[Line]) -> tuple[Line, ...]:
    """The parts with a blank line between them; empty ones leave no trace."""
    out: list[Line] = []
    for part in map(tuple, parts):
        if part:
            out.extend((BLANK, *part) if out else part)
    return tuple(out)


def banner(what: str, router: str) -> tuple[Line, ...]:
    """The head of every file: what it is and where it comes from, and nothing that changes between two builds."""
    return (
        *comments(f"{what} ({router}).", "Written by Bailiwick from the home file: change that, not this."),
        BLANK,
    )


def artifact(
    path: str,
    lines: Iterable[Line],
    *,
    mode: int = 0o644,
    owner: str = "root:root",
    reload: str = "",
    secrets: Mapping[str, str] | None = None,
) -> Artifact:
    """The file of these lines, with the map from line number to ids."""
    given = tuple(lines)
    return Artifact(
        path=path,
        text="".join(f"{line.text}\n" for line in given),
        mode=mode,
        owner=owner,
        reload=reload,
        lines={number: line.ids for number, line in enumerate(given, start=1) if line.ids},
        secrets=dict(secrets or {}),
    )
