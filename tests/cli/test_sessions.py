from __future__ import annotations

import pytest

from tests.cli.sessions import ROOT, replayed

pytestmark = pytest.mark.real


@pytest.mark.parametrize("page", ["docs/questions.md"])
def test_a_document_shows_what_its_commands_print(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert replayed(text) == text, f"run `python -m tests.cli.sessions {page}` and look at what changed"
