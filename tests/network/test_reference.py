from __future__ import annotations

from pathlib import Path

from bailiwick.network.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "services.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference()
