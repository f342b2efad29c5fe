"""Exports with every oddity that exports are known to have are read to the last line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bailiwick.dataplane.routeros import read_export
from bailiwick.dataplane.routeros.ledger import UNREAD
from tests.dataplane.routeros.oddity import ODDITIES, expected, interfaces, rules, text_of

PATHS = sorted(ODDITIES.glob("*.md"))


@pytest.mark.parametrize("path", PATHS, ids=lambda one: one.stem)
def test_every_line_of_an_export_is_accounted_for(path: Path) -> None:
    text = text_of(path)
    tally = read_export(text, "odd.rsc").tally
    assert tally.adds_up
    assert tally.lines == len(text.splitlines())
    assert not [line for line, what in tally.unknown if what == UNREAD]
    told = dict(row.split(" ", 1) for row in expected(path, "unknown"))
    unknown = {str(line.number): what for line, what in tally.unknown}
    assert sorted(unknown) == sorted(told)
    for number, words in told.items():
        assert words in unknown[number]


@pytest.mark.parametrize("path", PATHS, ids=lambda one: one.stem)
def test_no_rule_and_no_interface_is_lost(path: Path) -> None:
    device = read_export(text_of(path), "odd.rsc")
    assert list(rules(device)) == expected(path, "rules")
    assert interfaces(device) == expected(path, "interfaces")


@pytest.mark.parametrize("path", PATHS, ids=lambda one: one.stem)
@pytest.mark.parametrize("way", ["crlf", "header", "mark"])
def test_ends_of_lines_and_a_mark_at_the_start_change_nothing(path: Path, way: str) -> None:
    text = text_of(path)
    first, _, rest = text.partition("\n")
    other = {
        "crlf": text.replace("\n", "\r\n"),
        "header": first + "\n" + rest.replace("\n", "\r\n"),
        "mark": "\ufeff" + text,
    }[way]
    assert read_export(other, "odd.rsc") == read_export(text, "odd.rsc")
