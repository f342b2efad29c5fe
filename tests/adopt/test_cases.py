from __future__ import annotations

from pathlib import Path

import pytest

from tests.adopt.golden import Case

pytestmark = pytest.mark.real

HERE = Path(__file__).parents[1] / "cases" / "adopt"
PATHS = sorted(HERE.rglob("*.md"))


@pytest.mark.parametrize("path", PATHS, ids=lambda p: str(p.relative_to(HERE).with_suffix("")))
def test_case(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.chdir(tmp_path)
    case = Case.read(path)
    kinds = {block.kind for block in case.expected()}
    assert kinds in ({"adopted", "outcome"}, {"refused"}), "a case is adopted or refused"
    actual = case.actual()
    if request.config.getoption("--update-cases"):
        path.write_text(actual, encoding="utf-8")
    else:
        assert actual == case.text
    if "adopted" in kinds:
        assert not case.adoption.problems, "what is written compiles"
