from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.targets.linux.ini import Entry, Section, lines, literal


def written(*entries: Entry) -> list[str]:
    return [line.text for line in lines([Section("Unit", entries)])]


def test_sections_stand_apart_and_reasons_above() -> None:
    out = lines([Section("A", (Entry("K", "v", ("id:1",), why="Because."),)), Section("B", ())])
    assert [line.text for line in out] == ["[A]", "# Because.", "K=v", "", "[B]"]
    assert out[2].ids == ("id:1",)


@pytest.mark.parametrize("value", ["a\nExecStart=/bin/sh", "continued\\", " led", "trailed ", "\t", "a\x00b"])
def test_a_value_that_would_be_read_otherwise_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        written(Entry("K", value))


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12))
@settings(max_examples=100)
def test_percent_signs_are_no_specifiers(text: str) -> None:
    assert literal(text).replace("%%", "") == text.replace("%", "")
    assert literal(text).replace("%%", "%") == text or "%%" in text
