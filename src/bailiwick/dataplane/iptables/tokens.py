"""The words of a line, as iptables-restore and ipset-restore cut them (xshared.c, ``add_param_to_argv``)."""

from __future__ import annotations

from typing import NamedTuple


class Token(NamedTuple):
    """``quoted``: some of it stood between double quotes, so that a ``!`` in it is a value."""

    text: str
    quoted: bool = False


class Unclosed(ValueError):
    """A double quote that nothing closes."""


def tokens(line: str) -> tuple[Token, ...]:
    """Words between blanks; a closing double quote ends its word, and only inside quotes does ``\\`` escape.

    Raises Unclosed.
    """
    if '"' not in line:
        return tuple([Token(text) for text in line.replace("\t", " ").split(" ") if text])
    found: list[Token] = []
    word: list[str] = []
    opened = escaped = quoted = False
    for character in line:
        if opened:
            if escaped:
                word.append(character)
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                found.append(Token("".join(word), True))
                word, opened, quoted = [], False, False
            else:
                word.append(character)
        elif character == '"':
            opened = quoted = True
        elif character in " \t":
            if word:
                found.append(Token("".join(word), quoted))
            word, quoted = [], False
        else:
            word.append(character)
    if opened:
        raise Unclosed("a double quote is not closed")
    if word:
        found.append(Token("".join(word), quoted))
    return tuple(found)
