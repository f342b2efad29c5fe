"""The syntax of RouterOS' command lines, as ``/import`` reads them and ``/export terse`` prints them.

Every line has its whole path and no abbreviation, so that each can be read, checked and found again by itself.
"""

from __future__ import annotations

import re

from bailiwick.targets.lines import Line

_WORD = re.compile(r"!?[A-Za-z0-9][A-Za-z0-9._:/,+!-]*")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "$": "\\$", "?": "\\?"}


def command(path: str, verb: str, arguments: dict[str, str], ids: tuple[str, ...] = (), *, of: str = "") -> Line:
    """``path`` as ``/interface bridge``; ``of`` is what a ``set`` is about, as it stands: ``[ find name=br0 ]``.

    Raises ValueError for a value that no line can hold.
    """
    words = [path, verb, *([of] if of else []), *(f"{key}={value(text)}" for key, text in arguments.items())]
    return Line(" ".join(words), ids)


def value(text: str) -> str:
    """A plain word as it is, all else between double quotes. Raises ValueError for control characters."""
    if _WORD.fullmatch(text):
        return text
    if any(ord(letter) < 32 or ord(letter) > 126 for letter in text):
        raise ValueError(f"RouterOS cannot be given {text!r}")
    return '"' + "".join(_ESCAPES.get(letter, letter) for letter in text) + '"'
