from __future__ import annotations

from pathlib import Path

import pytest

from bailiwick.language import Severity
from tests.cases.blocks import INPUTS
from tests.cases.golden import EXPECTED, Case

HERE = Path(__file__).parent
PATHS = sorted(path for path in HERE.rglob("*.md") if path.relative_to(HERE).parts[0] not in ("adopt", "audit"))


@pytest.mark.parametrize("path", PATHS, ids=lambda p: str(p.relative_to(HERE).with_suffix("")))
def test_case(path: Path, request: pytest.FixtureRequest) -> None:
    case = Case.read(path)
    kinds = [block.kind for block in case.expected()]
    assert "home.yaml" in case.files, "a case has a block `yaml home.yaml`"
    assert kinds, f"a case expects something: {', '.join(EXPECTED)}"
    assert set(kinds) <= set(EXPECTED), f"known are {', '.join(sorted(INPUTS))} and {', '.join(EXPECTED)}"
    actual = case.actual()
    if request.config.getoption("--update-cases"):
        path.write_text(actual, encoding="utf-8")
    else:
        assert actual == case.text
    if "diagnostics" not in kinds:
        assert not case.outcome[2], "a case that expects no diagnostics has none"
    if path.is_relative_to(HERE / "errors"):
        assert Severity.ERROR in {d.severity for d in case.outcome[2]}, "an error case is refused"


def test_error_cases_are_many() -> None:
    assert len([p for p in PATHS if p.is_relative_to(HERE / "errors")]) >= 60
