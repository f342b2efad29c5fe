"""A home file's text to its resolved network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bailiwick.language import Document, load, loads
from bailiwick.language.diagnostic import Diagnostic, Problems
from bailiwick.language.question import QUESTION, read_question
from bailiwick.network.model import Network, Permission
from bailiwick.network.resolve import resolve


@dataclass(frozen=True, slots=True)
class Read:
    """A home file that was understood, and what is odd about it (warnings alone)."""

    document: Document
    network: Network
    warnings: tuple[Diagnostic, ...]
    asked: tuple[Permission, ...] = ()
    """The questions that came with it."""


def read(path: Path, today: date, questions: tuple[str, ...] = ()) -> Read:
    """``today`` decides which sentences have expired. Raises Problems, with the text that they are about.

    ``questions`` are sentences that stand in no file, to be looked up beside those that do.
    """
    return _understood(load(path), today, questions)


def read_text(name: str, text: str, today: date) -> Read:
    """The same for a text that is in no file yet."""
    return _understood(loads({name: text}, name), today)


def read_files(files: Mapping[str, str], main: str, today: date) -> Read:
    """The same for files that are on no disk, by their names; ``main`` is the home file's."""
    return _understood(loads(files, main), today)


def _understood(document: Document, today: date, questions: tuple[str, ...] = ()) -> Read:
    sources = {**document.sources, **({QUESTION: "\n".join(questions)} if questions else {})}
    try:
        resolution = resolve(document, today, [read_question(text) for text in questions])
    except Problems as problems:
        raise Problems(problems.diagnostics, {**sources, **problems.sources}) from None
    return Read(document, resolution.network, resolution.warnings, resolution.asked)
