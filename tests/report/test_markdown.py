from __future__ import annotations

import pytest

from bailiwick.claims.matrix import Cell, Matrix
from bailiwick.report.explanation import Quote
from bailiwick.report.markdown import Change, Changes, changes_markdown, code, escaped, matrix_markdown
from tests.report.test_html_page import EVIL, square


def test_a_matrix_is_a_table_with_marks_and_words() -> None:
    matrix = Matrix(
        ("zone:lan", "host:nas", "outside"),
        ("zone:dmz", "router"),
        {
            ("zone:lan", "zone:dmz"): Cell(("any",)),
            ("zone:lan", "router"): Cell(("ssh",), derived=("dns",)),
            ("host:nas", "zone:dmz"): Cell(as_zone=True),
            ("outside", "zone:dmz"): Cell(),
        },
        within={"host:nas": "zone:lan"},
    )
    assert matrix_markdown(matrix).splitlines() == [
        "### Who reaches what",
        "",
        "| from \\\\ to | dmz | router |",
        "|---|---|---|",
        "| **lan** | ● any | ◐ ssh (dns) |",
        "| &nbsp;&nbsp;nas | = |  |",
        "| **outside** | · |  |",
        "",
        "● any service, ◐ some services, · nothing, = as its zone; (in brackets) opens by itself.",
    ]


def test_many_columns_are_marks_with_the_words_folded_away() -> None:
    lines = matrix_markdown(square(40)).splitlines()
    row = next(line for line in lines if line.startswith("| **z0**"))
    assert row.count("◐") == 39
    assert "ssh" not in row
    assert lines.index("<details><summary>In words</summary>") < len(lines) - 3
    assert any(line.startswith("- z0 → z1, z2, ") and line.endswith("ssh") for line in lines)


def test_every_row_has_as_many_cells_as_the_head_whatever_names_say() -> None:
    places = ("zone:a|b", f"zone:{EVIL}", "zone:`x`\n| y")
    cells = {(row, column): Cell((f"{EVIL}|",)) for row in places for column in places}
    table = [line for line in matrix_markdown(Matrix(places, places, cells)).splitlines() if line.startswith("|")]
    assert len(table) == 5
    assert {line.replace("\\|", "").count("|") for line in table} == {5}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>", "&lt;b&gt;"),
        ("[x](http://y)", "\\[x\\](http:&#47;&#47;y)"),
        ("@everyone", "&#64;everyone"),
        ("a*b_c`d", "a\\*b\\_c\\`d"),
        ("two\nlines\x1b", "two lines\N{REPLACEMENT CHARACTER}"),
        ("&lt;", "&amp;lt;"),
    ],
)
def test_text_is_shown_letter_by_letter(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_a_code_span_holds_whatever_is_in_it() -> None:
    assert code("a -> b") == "`a -> b`"
    assert code("a ``b`` c") == "```a ``b`` c```"
    assert code("`a") == "`` `a ``"
    assert code("") == ""


def test_what_is_newly_allowed_comes_first_with_witness_and_lines() -> None:
    entry = Change(
        "iot -> services: tcp/8080",
        "iot 192.168.50.7 -> services 192.168.20.5 tcp/8080",
        before=(Quote("old.yaml:9"),),
        after=(Quote("home.yaml:12", "- iot -> services: tcp/8080"),),
    )
    text = changes_markdown(Changes(allowed=(entry,), denied=(Change("lan -> dmz: ssh"),)))
    assert text.splitlines() == [
        "**1 newly allowed, 1 newly denied**",
        "",
        "### Newly allowed",
        "",
        "- iot -&gt; services: tcp/8080",
        "  - for example `iot 192.168.50.7 -> services 192.168.20.5 tcp/8080`",
        "  - now decided by `home.yaml:12` `- iot -> services: tcp/8080`",
        "  - before decided by `old.yaml:9`",
        "",
        "### Newly denied",
        "",
        "- lan -&gt; dmz: ssh",
    ]


def test_no_change_in_meaning_is_said() -> None:
    assert "Nothing changes in meaning" in changes_markdown(Changes())
