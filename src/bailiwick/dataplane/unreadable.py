"""What a reader raises when a text is not at all what it reads."""

from __future__ import annotations


class Unreadable(ValueError):
    """``place`` says where: a file and line, or a path into a JSON; ``reason`` is one plain sentence."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason
