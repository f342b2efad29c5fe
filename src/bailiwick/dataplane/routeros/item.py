"""One item of a menu: what the commands made of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from bailiwick.dataplane.tally import Line


@dataclass(slots=True)
class Item:
    """One item: its values by argument, and every line that made it what it is.

    ``doubts`` are sentences for what could not be read about it; ``broken`` says that some of its text is lost.
    """

    menu: str
    line: Line
    values: dict[str, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)
    broken: bool = False
    built_in: bool = False

    def get(self, name: str, default: str = "") -> str:
        return self.values.get(name, default)

    def yes(self, name: str, default: bool = False) -> bool:
        said = self.values.get(name)
        return default if said is None else said in ("yes", "true", "")

    @property
    def disabled(self) -> bool:
        return self.yes("disabled")
