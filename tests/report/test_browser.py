"""The page in a real browser: what a click, a key and a narrow screen do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bailiwick.report.explanation import CellExplanation
from bailiwick.report.html_page import render
from bailiwick.report.page import page
from bailiwick.report.sections import Page
from bailiwick.workflow.trial import Trial
from tests.report.browser import PROGRAM, Browser, browser
from tests.report.test_html_page import evil_page, square

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium here, and it is no dependency"),
]

OPEN = "document.querySelector('.why.open')?.id ?? ''"
CELL = 'a[href="#zone-lan--zone-things"]'


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as one:
        yield one


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, bad: Trial) -> Path:
    path = tmp_path_factory.mktemp("pages") / "report.html"
    path.write_text(page(bad), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    matrix = square(40)
    path = tmp_path_factory.mktemp("pages") / "large.html"
    why = dict.fromkeys(matrix.cells, CellExplanation(note="much to add " * 200))
    path.write_text(render(Page("large", matrix, explanations=why)), encoding="utf-8")
    return path


def test_a_click_on_a_cell_opens_its_explanation_and_escape_closes_it(chromium: Browser, report: Path) -> None:
    chromium.show(report)
    assert chromium.run(OPEN) == ""
    chromium.click(CELL)
    assert chromium.run(OPEN) == "zone-lan--zone-things"
    assert chromium.run("document.activeElement.id") == "zone-lan--zone-things"
    chromium.press("Escape")
    assert chromium.run(OPEN) == ""
    assert chromium.run("document.activeElement.id") == "at-zone-lan--zone-things"


def test_arrows_and_enter_do_the_same_without_a_mouse(chromium: Browser, report: Path) -> None:
    chromium.show(report)
    assert chromium.run("document.querySelectorAll('.matrix td a[tabindex=\"0\"]').length") == 1
    chromium.run("document.querySelector('.matrix td a[tabindex=\"0\"]').focus()")
    first = chromium.run("document.activeElement.hash")
    chromium.press("ArrowDown")
    chromium.press("ArrowRight")
    moved = chromium.run("document.activeElement.hash")
    assert moved not in (first, "")
    chromium.press("Enter")
    assert f"#{chromium.run(OPEN)}" == moved


def test_an_address_with_a_cell_opens_it(chromium: Browser, report: Path) -> None:
    chromium.show(report)
    chromium.run("location.hash = 'zone-lan--internet'; new Promise((done) => setTimeout(done, 50))")
    assert chromium.run(OPEN) == "zone-lan--internet"


def test_without_script_a_click_shows_the_explanation_too(chromium: Browser, report: Path) -> None:
    chromium.show(report, script=False)
    chromium.click(CELL)
    shown = "getComputedStyle(document.getElementById('zone-lan--zone-things')).display"
    assert chromium.run(shown) == "block"
    assert chromium.run("getComputedStyle(document.querySelector('.scripted')).display") == "none"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["report", "large"])
def test_the_page_never_scrolls_sideways(
    chromium: Browser, name: str, width: int, request: pytest.FixtureRequest
) -> None:
    chromium.show(request.getfixturevalue(name), width=width, height=844)
    assert chromium.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    chromium.click(".matrix td a")
    assert chromium.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_explanation_never_lies_on_its_cell(chromium: Browser, large: Path) -> None:
    chromium.show(large)
    for anchor in ("zone-z0--zone-z1", "zone-z39--zone-z38", "zone-z20--zone-z39"):
        chromium.click(f'a[href="#{anchor}"]')
        cell, sheet, head = (
            chromium.run(f"(() => {{ const b = {what}.getBoundingClientRect(); return [b.top, b.bottom]; }})()")
            for what in (
                f"document.getElementById('at-{anchor}')",
                "document.querySelector('.why.open')",
                "document.querySelector('.matrix thead th')",
            )
        )
        assert head[1] - 1 <= cell[0] < cell[1] <= sheet[0], (anchor, cell, sheet, head)


def test_the_filter_leaves_the_rows_and_columns_that_fit(chromium: Browser, large: Path) -> None:
    chromium.show(large)
    chromium.run(
        "for (const [id, text] of [['filter-from', 'z1, z20'], ['filter-to', 'z3']]) {"
        "const one = document.getElementById(id); one.value = text; one.dispatchEvent(new Event('input')); }"
    )
    assert chromium.run("document.getElementById('filter-told').textContent") == "12 of 40 rows, 11 of 40 columns"
    shown = "[...document.querySelectorAll('.matrix tbody tr')].filter((row) => row.offsetParent).length"
    assert chromium.run(shown) == 12


CONTRAST = """
(() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c /= 255, c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const paper = (one) => {
    for (; one; one = one.parentElement) {
      const back = rgb(getComputedStyle(one).backgroundColor);
      if (back.length === 3 || back[3] === 1) return back;
    }
    return rgb(getComputedStyle(document.body).backgroundColor);
  };
  let worst = [99, ""];
  for (const one of document.querySelectorAll("main *")) {
    if (one.closest("svg") || !one.offsetParent || ![...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
      continue;
    const [a, b] = [light(rgb(getComputedStyle(one).color)), light(paper(one))].sort((p, q) => q - p);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < worst[0]) worst = [ratio, `${one.tagName}.${one.className}: ${one.textContent.slice(0, 40)}`];
  }
  return worst;
})()
"""


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out_from_its_ground(chromium: Browser, report: Path, dark: bool) -> None:
    """WCAG 2.2, success criterion 1.4.3: a contrast of 4.5 to 1."""
    chromium.show(report, dark=dark)
    chromium.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    chromium.click(CELL)
    ratio, where = chromium.run(CONTRAST)
    assert ratio >= 4.5, where


def test_nothing_that_slipped_into_the_text_runs_and_the_policy_bars_nothing_of_ours(
    chromium: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "evil.html"
    path.write_text(render(evil_page()), encoding="utf-8")
    chromium.logged.clear()
    chromium.show(path)
    assert chromium.run("document.documentElement.classList.contains('js')"), "the script ran"
    assert chromium.run("getComputedStyle(document.querySelector('svg .paper')).fill") == "rgb(255, 255, 255)"
    assert chromium.run("document.querySelectorAll('x, main script').length") == 0
    assert chromium.logged == []
