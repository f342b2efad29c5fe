"""Rich, kept to what a terminal, a pipe and a test each need: fixed width, colour only where it was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO

from rich.console import Console, RenderableType

from bailiwick.report.openness import Openness


@dataclass(frozen=True, slots=True)
class Terminal:
    """``unicode`` False keeps to ASCII, for a terminal or a pipe that cannot show more."""

    width: int = 100
    color: bool = False
    unicode: bool = True

    def print(self, *renderables: RenderableType) -> str:
        """The text as the terminal would show it, without trailing blanks or a final line break."""
        out = StringIO()
        console = Console(
            file=out,
            width=self.width,
            force_terminal=self.color,
            color_system="standard" if self.color else None,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
            _environ={},
        )
        for renderable in renderables:
            console.print(renderable)
        return "\n".join(line.rstrip() for line in out.getvalue().splitlines())

    @property
    def marks(self) -> Marks:
        return Marks() if self.unicode else Marks("#", "+", "?", "o", ".", "=", "-", "ok", "!", "->")


@dataclass(frozen=True, slots=True)
class Marks:
    """One mark for each ``Openness``, told apart by shape alone; then those of what was seen."""

    every: str = "●"
    some: str = "◐"
    perhaps: str = "?"
    itself: str = "○"
    none: str = "·"
    zone: str = "="
    void: str = " "
    agrees: str = "✓"
    differs: str = "✗"
    arrow: str = "→"

    def of(self, kind: Openness) -> str:
        mark: str = getattr(self, kind.value)
        return mark
