"""What a page can hold. Every part but the matrix may be missing: a trial, an audit and a plain matrix share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bailiwick.claims.matrix import Matrix
from bailiwick.dataplane.tally import Tally as Reading
from bailiwick.report.explanation import CellExplanation, Quote
from bailiwick.report.tally import Tally


class Severity(StrEnum):
    """Of a finding, the worst first."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """``witness`` is the packet that shows it, in words; ``remedy`` what to do, or to write instead."""

    code: str
    severity: Severity
    title: str
    text: str = ""
    witness: str = ""
    lines: tuple[Quote, ...] = ()
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Differing:
    """One thing that is otherwise than meant. ``witness`` is the packet that shows it, in words."""

    text: str
    witness: str = ""
    written: tuple[Quote, ...] = ()
    meant: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A table that is folded away: ``marked`` are the numbers of rows that are contrary to what was meant."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marked: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Drawing:
    """``svg`` is markup that we drew ourselves: it is put into the page as it is. ``style`` is that of its own
    ``<style>`` element, letter by letter, so that the page can allow it."""

    title: str
    svg: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """``holds`` None: nothing is claimed. ``explanations`` and ``tallies`` are by (row, column) of ``matrix``.

    ``reading`` has for each file how many lines were read, and what was made of them.
    """

    heading: str
    matrix: Matrix
    verdict: str = ""
    holds: bool | None = None
    summary: tuple[str, ...] = ()
    explanations: Mapping[tuple[str, str], CellExplanation] = field(default_factory=dict)
    tallies: Mapping[tuple[str, str], Tally] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    differences: tuple[Differing, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    untried: tuple[str, ...] = ()
    trial: tuple[Listing, ...] = ()
    reading: tuple[tuple[str, Reading], ...] = ()
