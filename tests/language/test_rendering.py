from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bailiwick.language import Diagnostic, Label, Severity, Span
from bailiwick.language.rendering import as_json, concise, human, visible, width


def at(line: int, column: int, end: int, file: str = "home.yaml") -> Span:
    return Span(file, line, column, line, end)


def finding(span: Span, help: str = "", *labels: Label) -> Diagnostic:
    return Diagnostic("some-code", "Something is off.", span, help, labels)


def test_the_caret_stands_below_the_text() -> None:
    shown = human([finding(at(2, 7, 10), "mend it")], {"home.yaml": "a: 1\nkey:  bad\n"})
    assert shown == (
        "home.yaml:2:7: error[some-code] Something is off.\n2 | key:  bad\n  |       ^^^\n  = help: mend it\n"
    )


def test_labels_in_this_file_and_another() -> None:
    sources = {"home.yaml": "first\nsecond\n", "zones.yaml": "third\n"}
    labels = (Label(at(2, 1, 7), "here"), Label(at(1, 1, 6, "zones.yaml"), "and there"))
    shown = human([finding(at(1, 1, 6), "", *labels)], sources)
    assert "2 | second\n  | ------ here\n" in shown
    assert "  :: zones.yaml:1:1\n1 | third\n  | ----- and there\n" in shown


def test_tabs_and_wide_characters_keep_the_caret_in_place() -> None:
    shown = human([finding(at(1, 5, 7))], {"home.yaml": "\t家: xy"}).split("\n")
    assert shown[1] == "1 |     家: xy"
    assert shown[2] == "  | " + " " * (4 + 2 + 2) + "^^"


def test_a_place_at_the_end_or_beyond_still_shows() -> None:
    assert "^" in human([finding(at(1, 4, 5))], {"home.yaml": "key"})
    assert human([finding(at(9, 1, 2))], {"home.yaml": "key"}).count("\n") == 1
    assert human([finding(at(1, 1, 2))], {}).count("\n") == 1


def test_a_long_line_is_cut_around_the_place() -> None:
    shown = human([finding(at(1, 501, 504))], {"home.yaml": "a" * 500 + "bad" + "c" * 500}).split("\n")
    assert max(len(line) for line in shown) < 200
    column = shown[2].index("^")
    assert shown[1][column : column + 3] == "bad"


def test_a_terminal_is_never_moved() -> None:
    """What a file holds could rewrite the screen (escape sequences) or read backwards (bidirectional marks)."""
    hostile = Diagnostic("c", "name `\x1b[2J\u202e`.", Span("a\x07.yaml", 1, 1, 1, 2))
    for shown in (human([hostile], {"a\x07.yaml": "\x1b]0;x\x07"}), concise([hostile])):
        assert not set(shown) & {"\x1b", "\u202e", "\x07"}


def test_colour_adds_nothing_but_colour() -> None:
    import re  # noqa: PLC0415

    diagnostics, sources = [finding(at(1, 1, 2), "h", Label(at(1, 2, 3), "w"))], {"home.yaml": "ab"}
    coloured = human(diagnostics, sources, color=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == human(diagnostics, sources)


def test_one_line_each() -> None:
    warning = Diagnostic("w", "Odd.", at(3, 4, 5), severity=Severity.WARNING)
    assert concise([finding(at(1, 1, 2)), warning]) == (
        "home.yaml:1:1: error[some-code] Something is off.\nhome.yaml:3:4: warning[w] Odd.\n"
    )


def test_json_keeps_everything() -> None:
    found = json.loads(as_json([finding(at(1, 2, 3), "mend", Label(at(4, 5, 6), "word"))]))
    assert found["version"] == 1
    assert found["diagnostics"] == [
        {
            "code": "some-code",
            "severity": "error",
            "message": "Something is off.",
            "help": "mend",
            "span": {"file": "home.yaml", "line": 1, "column": 2, "end_line": 1, "end_column": 3},
            "labels": [
                {"span": {"file": "home.yaml", "line": 4, "column": 5, "end_line": 4, "end_column": 6}, "text": "word"}
            ],
        }
    ]


@given(st.text(), st.integers(1, 40), st.integers(1, 40), st.booleans())
def test_any_text_can_be_shown(text: str, line: int, column: int, color: bool) -> None:
    shown = human([finding(at(line, column, column + 1))], {"home.yaml": text}, color)
    assert shown.endswith("\n")


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N", "P"])))
def test_plain_text_is_as_wide_as_it_is_long(text: str) -> None:
    assert visible(text) == text
    assert width(text) == len(text)
