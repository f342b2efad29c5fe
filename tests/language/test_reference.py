from __future__ import annotations

import re
from pathlib import Path

from bailiwick.language.reference import reference
from bailiwick.language.schema import Forward, Home, Zone

PAGE = Path(__file__).parents[2] / "docs/reference.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference()


def test_every_link_has_its_heading() -> None:
    headings = re.findall(r"^## (.*)$", reference(), re.M)
    anchors = {"".join(c for c in h.lower() if c.isalnum() or c in " -").replace(" ", "-") for h in headings}
    assert set(re.findall(r"\(#([^)]*)\)", reference())) <= anchors


def test_every_key_is_described() -> None:
    for model in (Home, Zone, Forward):
        for name, info in model.model_fields.items():
            assert f"| `{info.alias or name}` |" in reference()
            assert info.description, name
