"""What a reader of nft's listings raises, and what it only wonders at."""

from __future__ import annotations


class Unreadable(ValueError):
    """Not a listing of nft at all, or one that contradicts itself; ``place`` says where (a path into the JSON)."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class Unclear(Exception):
    """An expression that has no place in the common form. Whoever asked for it writes an unknown instead."""
