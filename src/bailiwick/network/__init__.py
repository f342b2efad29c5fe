"""The nouns of a home, resolved: every name looked up, every address written out, nothing decided.

``resolve`` is fetched on first use, for it brings the home file's schema: what reads a device's files alone, and says
a place's name, need not wait for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bailiwick.network.resolve import Resolution, resolve

__all__ = ["Resolution", "resolve"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module("bailiwick.network.resolve"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
