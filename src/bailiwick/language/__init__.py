"""What a person wrote: text to a located, validated model, and messages with places.

``load`` and ``loads`` are fetched on first use, for they bring pydantic: a command that reads no home file need
not wait for it.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

from bailiwick.language.diagnostic import Diagnostic, Label, Problems, Severity
from bailiwick.language.span import Span, Spans

if TYPE_CHECKING:
    from bailiwick.language.document import Document, load, loads

# No other package's plugin runs in what reads a home file; nor is the time spent on looking for one.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

__all__ = ["Diagnostic", "Document", "Label", "Problems", "Severity", "Span", "Spans", "load", "loads"]


def __getattr__(name: str) -> object:
    if name in {"Document", "load", "loads"}:
        return getattr(import_module("bailiwick.language.document"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
