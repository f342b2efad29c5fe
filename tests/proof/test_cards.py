"""A port bound to a card: another card in the written file, or none, is a difference with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bailiwick.proof.difference import Difference, Kind
from bailiwick.workflow import Checked, check
from bailiwick.workflow.proving import prove_home

pytestmark = pytest.mark.real

HOME = Path(__file__).parents[2] / "examples" / "one-router.yaml"
LINK = "/etc/systemd/network/10-bailiwick-wan0.link"


@pytest.fixture(scope="module")
def checked() -> Checked:
    return check(HOME, date(2026, 1, 1))


def differences(checked: Checked, root: Path, changed: str | None) -> tuple[Difference, ...]:
    """With another text for the ``.link`` file, or without it."""
    for artifact in checked.trees[0].artifacts:
        text = changed if artifact.path == LINK else artifact.text
        if text is not None:
            file = root / artifact.path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    return prove_home(checked, root).proof.differences


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("24:f5:a2:00:11:22", "24:f5:a2:00:11:23"),
        ("Name=wan0", "Name=wan1"),
        ("PermanentMACAddress=24:f5:a2:00:11:22", "Path=pci-0000:03:00.0"),
    ],
)
def test_another_card(checked: Checked, tmp_path: Path, old: str, new: str) -> None:
    text = checked.trees[0].file(LINK).text
    found = differences(checked, tmp_path, text.replace(old, new))
    assert [one for one in found if one.kind is Kind.WIRE and "wan0 is not the card" in one.sentence], found


def test_no_file(checked: Checked, tmp_path: Path) -> None:
    found = differences(checked, tmp_path, None)
    assert any("no file gives it that name" in one.sentence for one in found), found


def test_the_same_card_in_capitals(checked: Checked, tmp_path: Path) -> None:
    text = checked.trees[0].file(LINK).text
    assert differences(checked, tmp_path, text.replace("24:f5:a2:00:11:22", "24-F5-A2-00-11-22")) == ()
