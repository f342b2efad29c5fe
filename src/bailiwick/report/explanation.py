"""What a cell of the matrix has to say when it is clicked, whoever found it out: intent, trial, proof or audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bailiwick.dataplane.tally import Line
from bailiwick.language.span import Span


@dataclass(frozen=True, slots=True)
class Quote:
    """A line of a file: ``place`` is "home.yaml:61", ``text`` the line itself, without the blanks around it."""

    place: str
    text: str = ""

    @classmethod
    def of_span(cls, span: Span, sources: Mapping[str, str]) -> Quote:
        """``sources``: file name to text; a file that is not among them is quoted by its place alone."""
        lines = sources.get(span.file, "").splitlines()
        text = lines[span.line - 1].strip() if 1 <= span.line <= len(lines) else ""
        return cls(f"{span.file}:{span.line}", text)

    @classmethod
    def of_line(cls, line: Line) -> Quote:
        return cls(str(line), line.text.strip())


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing that the cell rests on, in plain words, the line that says it, and what witnesses saw of it."""

    text: str
    quote: Quote
    evidence: tuple[str, ...] = ()


class Standing(StrEnum):
    """How a proof ended."""

    PROVEN = "proven"
    """For every packet."""
    DIFFERS = "differs"
    UNDECIDED = "undecided"
    """It hangs on something that could not be read."""


@dataclass(frozen=True, slots=True)
class Proof:
    """``text`` is one sentence; where something differs, ``packet`` shows it and ``lines`` are those that decide."""

    standing: Standing
    text: str
    packet: str = ""
    lines: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a packet's way: ``where`` ("gate, forward"), what happens there, and the line that says so."""

    where: str
    text: str
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """The way of one example packet; ``packet`` is the packet in words."""

    packet: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class CellExplanation:
    """``asked``: the lines that ask for the cell's services. ``derived``: what opens by itself, and because of which
    line. ``withheld``: what stays closed all the same. ``seen``: what was observed, one sentence each; ``contrary``:
    what was observed otherwise than meant. Whatever is empty is not shown.
    """

    asked: tuple[Sentence, ...] = ()
    derived: tuple[Sentence, ...] = ()
    withheld: tuple[Sentence, ...] = ()
    proof: Proof | None = None
    seen: tuple[str, ...] = ()
    contrary: tuple[str, ...] = ()
    way: Way | None = None
    note: str = ""
