"""What reads a leaf: how raw text becomes a value, and what is said when it cannot."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True, slots=True)
class Secret:
    """``!secret name``: the name of an entry in the project's secret store, never its value."""

    name: str


class Unreadable(ValueError):
    """The text does not fit its place: a code, one plain sentence, and what to write instead."""

    def __init__(self, code: str, message: str, help: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help


@dataclass(frozen=True, slots=True)
class Reading:
    """How one kind of leaf is read, and how it is described to people and to editors.

    ``words`` completes "this key takes ..."; ``pattern`` is a regular expression (ECMA 262) that accepts at least
    what ``read`` accepts, for the JSON Schema; ``many`` says that several, parted by commas or as a list, may stand.
    """

    read: Callable[[Any], Any]
    words: str
    example: str
    pattern: str = ""
    many: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(raw: Any) -> Any:
            try:
                return self.read(raw)
            except Unreadable as why:
                context = {"message": why.message, "help": why.help}
                raise PydanticCustomError(why.code, "{message}", context) from None

        return core_schema.no_info_plain_validator_function(validate)


def raw_text(raw: Any) -> str:
    """The raw text of a leaf; raises Unreadable for a secret or an empty value."""
    if isinstance(raw, Secret):
        raise Unreadable(
            "secret-misplaced",
            f"A secret cannot stand here: `!secret {raw.name}` is for passwords and tokens alone.",
        )
    if not isinstance(raw, str):
        raise Unreadable("value-shape", "A single value belongs here, not a list or a mapping.")
    if not raw:
        raise Unreadable("value-missing", "Nothing stands here.", "write a value, or remove the key")
    return raw


def read_text(raw: Any) -> str:
    """One line or several words; no control characters, for the text may end in a configuration file."""
    text = raw_text(raw)
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
            raise Unreadable("text-control", f"The text holds a control character (U+{ord(character):04X}).")
    return text


DECIMAL = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


def whole_number(text: str, code: str, noun: str) -> int:
    """Raises Unreadable, under ``code``, for anything but decimal digits without a leading zero."""
    if DECIMAL.fullmatch(text):
        return int(text)
    stripped = text.lstrip("0")
    if text.isascii() and text.isdigit() and stripped != text and len(stripped) < 10:
        raise Unreadable(
            code,
            f"`{text}` starts with a zero, which some programs read as octal.",
            f"write `{stripped or '0'}`",
        )
    raise Unreadable(code, f"`{text}` is not {noun}.", "write it in decimal digits")
