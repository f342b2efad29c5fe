"""A home file's text to its resolved network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bailiwick.language import Document, load, loads
from bailiwick.language.diagnostic import Diagnostic, Problems
from bailiwick.network import resolve
from bailiwick.network.model import Network


@dataclass(frozen=True, slots=True)
class Read:
    """A home file that was understood, and what is odd about it (warnings alone)."""

    document: Document
    network: Network
    warnings: tuple[Diagnostic, ...]


def read(path: Path, today: date) -> Read:
    """``today`` decides which sentences have expired. Raises Problems, with the text that they are about."""
    return _understood(load(path), today)


def read_text(name: str, text: str, today: date) -> Read:
    """The same for a text that is in no file yet."""
    return _understood(loads({name: text}, name), today)


def _understood(document: Document, today: date) -> Read:
    try:
        resolution = resolve(document, today)
    except Problems as problems:
        raise Problems(problems.diagnostics, document.sources) from None
    return Read(document, resolution.network, resolution.warnings)
