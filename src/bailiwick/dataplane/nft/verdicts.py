"""Verdicts of nft's JSON, in statements and in maps."""

from __future__ import annotations

from collections.abc import Mapping

from bailiwick.dataplane.nft.errors import Unclear
from bailiwick.dataplane.nft.words import words
from bailiwick.dataplane.rules import Accept, Continue, Drop, Goto, Jump, Return, Verdict

_PLAIN: Mapping[str, Verdict] = {"accept": Accept(), "drop": Drop(), "continue": Continue(), "return": Return()}
NAMES = frozenset({*_PLAIN, "jump", "goto"})


def verdict(value: object) -> Verdict:
    """Raises Unclear."""
    if isinstance(value, dict) and len(value) == 1:
        ((kind, inner),) = value.items()
        if kind in _PLAIN:
            return _PLAIN[kind]
        if kind in ("jump", "goto") and isinstance(inner, dict) and isinstance(inner.get("target"), str):
            return Jump(inner["target"]) if kind == "jump" else Goto(inner["target"])
    raise Unclear(f"{words(value)} is no verdict")
