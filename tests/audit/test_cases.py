from __future__ import annotations

from pathlib import Path

import pytest

from bailiwick.language.codes import titles
from tests.audit.golden import Case
from tests.cases.blocks import blocks

HERE = Path(__file__).parents[1] / "cases" / "audit"
PATHS = sorted(HERE.rglob("*.md"))


@pytest.mark.parametrize("path", PATHS, ids=lambda p: str(p.relative_to(HERE).with_suffix("")))
def test_case(path: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    case = Case(path, path.read_text(encoding="utf-8"), tmp_path)
    missing = [dump for dump in case.dumps if not dump.exists()]
    if missing:
        pytest.skip(f"the published dump {missing[0].name} is not here")
    assert case.expected(), "a case expects something"
    actual = case.actual()
    if request.config.getoption("--update-cases"):
        path.write_text(actual, encoding="utf-8")
    else:
        assert actual == case.text


@pytest.mark.parametrize("path", [p for p in PATHS if p.stem in titles()], ids=lambda p: p.stem)
def test_a_code_is_found_and_a_near_miss_is_not(path: Path, tmp_path: Path) -> None:
    case = Case(path, path.read_text(encoding="utf-8"), tmp_path)
    codes = {scene: {one.code for one in case.audited(scene).audit.findings} for scene in ("hit", "near")}
    assert path.stem in codes["hit"]
    assert path.stem not in codes["near"]


def test_every_code_of_an_audit_has_a_case() -> None:
    findings = HERE.parents[2] / "src" / "bailiwick" / "proof" / "audit" / "findings"
    texts = "".join(file.read_text() for file in findings.glob("*.py"))
    codes = {code for code in titles() if f'"{code}"' in texts}
    assert len(codes) > 20
    assert codes <= {path.stem for path in PATHS}
    assert all(
        {b.argument for b in blocks(path.read_text()) if b.kind == "findings"} for path in PATHS if path.stem in codes
    )
