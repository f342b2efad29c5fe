"""What a script would change on a device that there is an export of."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bailiwick.report.import_text import import_record, import_text
from bailiwick.workflow import check
from bailiwick.workflow.importing import Comparison, Unusable, against, compare_export
from tests.cases.blocks import input_files, rewritten
from tests.dataplane.routeros.oddity import ODDITIES, text_of
from tests.targets.routeros.homes import home

HERE = Path(__file__).with_name("imports")


def compared(text: str) -> Comparison:
    files = input_files(text)
    return compare_export(files["export.rsc"], "export.rsc", files["script.rsc"], "gate:/bailiwick.rsc")


@pytest.mark.parametrize("path", sorted(HERE.glob("*.md")), ids=lambda one: one.stem)
def test_case(path: Path, request: pytest.FixtureRequest) -> None:
    text = path.read_text(encoding="utf-8")
    found = compared(text)
    actual = rewritten(text, lambda _: import_text("gate", "export.rsc", found) + "\n")
    if request.config.getoption("--update-cases"):
        path.write_text(actual, encoding="utf-8")
    else:
        assert actual == text
    for secret in ("hunter2", "secret1", "abcdefgh"):
        assert secret not in actual.rpartition("```against")[2]
        assert secret not in str(import_record(found))


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("home") / "home.yaml"
    path.write_text(home("routeros"), encoding="utf-8")
    [only] = check(path, date(2026, 1, 1)).trees[0].artifacts
    return only.text


def test_a_script_that_ran_changes_nothing(script: str) -> None:
    found = compare_export(script, "export.rsc", script, "gate:/bailiwick.rsc")
    assert (found.added, found.changed, found.removed, found.left, found.moved) == ((), (), (), (), ())
    assert found.clean


def test_every_line_of_ours_that_is_gone_is_added_again(script: str) -> None:
    lines = [line for line in script.splitlines() if " add " in line]
    for gone in lines[:: max(1, len(lines) // 12)]:
        found = compare_export(script.replace(f"{gone}\n", "", 1), "export.rsc", script, "gate:/bailiwick.rsc")
        places = [one.after for one in found.added]
        assert len(places) == 1, gone
        assert found.removed == ()


@pytest.mark.parametrize("path", sorted(ODDITIES.glob("*.md")), ids=lambda one: one.stem)
def test_odd_exports_are_compared(script: str, path: Path) -> None:
    found = compare_export(text_of(path), "odd.rsc", script, "gate:/bailiwick.rsc")
    adds = [line for line in script.splitlines() if " add " in line]
    assert len(found.added) == len(adds), "nothing there is ours"
    assert found.removed == ()
    assert found.left
    assert all(one.before is not None and one.before.file == "odd.rsc" for one in found.left)


def test_what_is_no_export_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "home.yaml"
    path.write_text(home("routeros"), encoding="utf-8")
    checked = check(path, date(2026, 1, 1))
    other = tmp_path / "other.txt"
    for text in ("", '#error exporting "/ip" (timeout)\n', "table inet filter {}\n"):
        other.write_text(text, encoding="utf-8")
        with pytest.raises(Unusable):
            against(checked, other)
    other.write_text("# by RouterOS 7.20\n/ip pool add name=x ranges=10.0.0.1\n", encoding="utf-8")
    assert against(checked, other)[0] == "gate"
    with pytest.raises(Unusable):
        against(checked, other, "nas")
    path.write_text(home("linux"), encoding="utf-8")
    with pytest.raises(Unusable):
        against(check(path, date(2026, 1, 1)), other)
