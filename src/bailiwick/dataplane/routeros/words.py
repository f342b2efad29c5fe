"""Tables of words, written as the words."""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """The words of a text, for a table that is easier to read without quotes around each."""
    return tuple(text.split())
