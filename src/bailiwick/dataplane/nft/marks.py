"""``meta mark set`` and ``ct mark set``: what becomes of the mark, bit by bit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bailiwick.dataplane.nft.errors import Unclear
from bailiwick.dataplane.nft.operands import operand
from bailiwick.dataplane.nft.values import Dialect, number
from bailiwick.dataplane.nft.words import words
from bailiwick.dataplane.rules import CopyField, Note, SetField

ALL = (1 << 32) - 1
_MOST = 256


@dataclass(frozen=True, slots=True)
class Written:
    """``(origin & mask) ^ flip``; without origin just ``flip``."""

    origin: str | None
    mask: int
    flip: int


def written(value: object) -> Written:
    """Raises Unclear for what is neither a constant nor another mark with some bits changed."""
    try:
        return Written(None, 0, number(value, Dialect.MARK))
    except Unclear:
        pass
    one = operand(value)
    if one.dialect is not Dialect.MARK or not one.field:
        raise Unclear(f"a mark from {words(value)}")
    return Written(one.field, ALL if one.mask is None else one.mask, one.flip)


def steps(field: str, value: object) -> tuple[SetField | CopyField | Note, ...]:
    """``field`` is ``mark`` or ``ct_mark``. Raises Unclear."""
    asked = written(value)
    if asked.origin is None:
        return (SetField(field, asked.flip),)
    if asked.flip & asked.mask:
        raise Unclear(f"bits turned over in {words(value)}")
    changed = ALL & ~asked.mask
    copied: tuple[CopyField, ...] = () if asked.origin == field else (CopyField(field, asked.origin),)
    if not changed:
        return copied or (Note(f"{field} stays"),)
    return (*copied, SetField(field, asked.flip & changed, changed))


def drawn(value: object) -> Iterator[int]:
    """The numbers that ``numgen``, ``jhash`` and ``symhash`` may give. Raises Unclear."""
    match value:
        case {"numgen": dict(inner)} | {"jhash": dict(inner)} | {"symhash": dict(inner)}:
            modulus, offset = inner.get("mod"), inner.get("offset", 0)
            if (
                isinstance(modulus, int)
                and isinstance(offset, int)
                and 0 < modulus <= _MOST
                and 0 <= offset <= ALL - modulus
            ):
                return iter(range(offset, offset + modulus))
    raise Unclear(f"a mark from {words(value)}")
