from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from bailiwick.language import Problems, load
from bailiwick.language.rendering import as_json, human
from bailiwick.network.resolve import resolve
from tests.language.mutations import mutants

TODAY = date(2026, 6, 1)


def hold(files: Mapping[str, bytes], folder: Path) -> None:
    """Only Problems come out, each with a place inside a file that was read, and each can be shown."""
    for name, text in files.items():
        folder.joinpath(name).parent.mkdir(exist_ok=True)
        folder.joinpath(name).write_bytes(text)
    main = folder / "home.yaml"
    sources: Mapping[str, str] = {}
    try:
        document = load(main)
        sources = document.sources
        resolve(document, TODAY)
    except Problems as problems:
        sources = problems.sources or sources
        assert problems.diagnostics
        assert human(problems.diagnostics, sources)
        assert as_json(problems.diagnostics)
        for diagnostic in problems.diagnostics:
            for span in (diagnostic.span, *(label.span for label in diagnostic.labels)):
                lines = sources[span.file].split("\n")
                assert 1 <= span.line <= span.end_line <= len(lines) + 1, diagnostic
                assert 1 <= span.column <= len([*lines, ""][span.line - 1]) + 1, diagnostic
                assert (span.line, span.column) < (span.end_line, span.end_column), diagnostic


def test_a_hundred_mutants(tmp_path: Path) -> None:
    for files in mutants(seed=1, count=100):
        hold(files, tmp_path)


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(100, 120))
def test_a_hundred_thousand_mutants(seed: int, tmp_path: Path) -> None:
    for files in mutants(seed, count=5000):
        hold(files, tmp_path)
