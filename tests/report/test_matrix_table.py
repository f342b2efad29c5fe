from __future__ import annotations

import re

import pytest

from bailiwick.claims.matrix import Cell, Matrix
from bailiwick.report.matrix_table import matrix_table
from bailiwick.report.tally import Tally, tally
from bailiwick.report.terminal import Terminal
from bailiwick.twin.result import Fate
from bailiwick.workflow.trial import Trial
from tests.report.conftest import probe


def square(zones: int) -> Matrix:
    places = tuple(f"zone:z{number}" for number in range(zones))
    cells = {
        (row, column): Cell(("any",) if column.endswith("1") else ("https", "ssh") if column.endswith("2") else ())
        for row in places
        for column in places
        if row != column
    }
    return Matrix((*places, "outside"), (*places, "router"), cells)


def test_words_stand_where_row_and_column_meet() -> None:
    matrix = Matrix(
        ("zone:lan", "zone:iot"),
        ("zone:lan", "router"),
        {
            ("zone:lan", "router"): Cell(("ssh",), derived=("dns",)),
            ("zone:iot", "zone:lan"): Cell(),
            ("zone:iot", "router"): Cell(derived=("dhcp",)),
        },
    )
    assert matrix_table(matrix, Terminal(80)).splitlines() == [
        "from \\ to   lan   router",
        "───────────────────────────",
        "lan               ssh (dns)",
        "iot         ·     (dhcp)",
    ]


@pytest.mark.parametrize("zones", [8, 40])
@pytest.mark.parametrize("width", [20, 40, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal_and_no_cell_is_lost(zones: int, width: int) -> None:
    text = matrix_table(square(zones), Terminal(width))
    assert max(map(len, text.splitlines())) <= width
    for number in range(zones):
        assert re.search(rf"\bz{number}\b", text)


def test_the_grid_marks_every_some_and_none_below_upright_names() -> None:
    grid = matrix_table(square(40), Terminal(150)).splitlines()
    row = next(line for line in grid if line.startswith("z0 "))
    heads = ["".join(letters).strip() for letters in zip(*(f"{line:<150}" for line in grid[:6]), strict=True)]
    marks = dict(zip(heads, f"{row:<150}", strict=True))
    assert [marks[name] for name in ("z0", "z1", "z2", "z3", "z31")] == [" ", "●", "◐", "·", "●"]


def test_where_a_few_columns_fit_at_most_the_list_stands_alone() -> None:
    text = matrix_table(square(40), Terminal(20))
    assert "z0 → z1, z11, z21" in text
    assert not re.search(r"^z0 +●", text, re.M)
    assert "outside → nothing" in text


def test_a_column_of_words_is_never_narrower_than_its_longest_word(good: Trial) -> None:
    places = tuple(f"zone:z{number}" for number in range(6))
    cells = {(row, column): Cell(("discord-voice", "submission")) for row in places for column in places}
    for width in range(90, 130):
        text = matrix_table(Matrix(places, places, cells), Terminal(width))
        assert "→" in text or text.count("discord-voice,") == 36


def test_hosts_stand_under_their_zone_and_equals_says_as_the_zone() -> None:
    matrix = Matrix(
        ("zone:dmz", "host:proxy"),
        ("zone:lan", "router"),
        {
            ("zone:dmz", "zone:lan"): Cell(),
            ("zone:dmz", "router"): Cell(("ssh",)),
            ("host:proxy", "zone:lan"): Cell(("https",)),
            ("host:proxy", "router"): Cell(as_zone=True),
        },
        within={"host:proxy": "zone:dmz"},
        alike=("host:nas",),
    )
    assert matrix_table(matrix, Terminal(80)).splitlines() == [
        "from \\ to   lan     router",
        "──────────────────────────",
        "dmz         ·       ssh",
        "  proxy     https   =",
        "",
        "= as its zone",
        "",
        "In nothing different from their zone: nas.",
    ]


def test_beside_any_the_other_services_are_not_said_and_what_is_unsure_has_a_question_mark() -> None:
    cells = {
        ("zone:a", "router"): Cell(("https from x", "any"), possibly=("ssh",)),
        ("zone:a", "zone:b"): Cell(("https",), possibly=("ssh",), derived=("dns",)),
    }
    line = matrix_table(Matrix(("zone:a",), ("router", "zone:b"), cells), Terminal(80)).splitlines()[-1]
    assert line.split(maxsplit=2) == ["a", "any", "https, ssh? (dns)"]


def test_ascii_for_a_terminal_that_has_no_more(good: Trial) -> None:
    for width in (30, 120):
        assert matrix_table(
            good.matrix, Terminal(width, unicode=False), tally(good.result.observations, good.matrix)
        ).isascii()


def test_colour_only_on_request(good: Trial) -> None:
    assert "\x1b[" not in matrix_table(good.matrix, Terminal(120))
    assert "\x1b[" in matrix_table(good.matrix, Terminal(120, color=True))


def test_what_was_seen_stands_beside_what_was_meant(bad: Trial) -> None:
    text = matrix_table(bad.matrix, Terminal(140), tally(bad.result.observations, bad.matrix))
    things = next(line for line in text.splitlines() if line.startswith("things"))
    assert "✓1 ✗1" in things
    assert "?1" in things


def test_a_difference_shows_in_the_grid_too(bad: Trial) -> None:
    text = matrix_table(bad.matrix, Terminal(30), tally(bad.result.observations, bad.matrix))
    assert "✗" in next(line for line in text.splitlines() if line.startswith("things"))


def test_uplinks_count_as_outside_and_internet_where_the_matrix_knows_no_uplink(good: Trial) -> None:
    seen = tally(
        [
            probe("zone:lan", "uplink:wan", Fate.ARRIVED, Fate.ARRIVED),
            probe("uplink:wan", "zone:lan", Fate.DROPPED, Fate.DROPPED),
            probe("unknown", "zone:lan", Fate.DROPPED, Fate.ARRIVED),
        ],
        good.matrix,
    )
    assert seen == {("zone:lan", "internet"): Tally(1, 0, 0), ("outside", "zone:lan"): Tally(1, 1, 0)}


def test_places_that_only_the_twin_knows_get_a_row(good: Trial) -> None:
    seen = {("elsewhere", "zone:lan"): Tally(1)}
    assert "elsewhere" in matrix_table(good.matrix, Terminal(140), seen)


@pytest.mark.parametrize("width", [20, 60, 200])
def test_no_name_and_no_word_can_command_the_terminal(width: int) -> None:
    evil = "x\x1b[2J\u202ey"
    places = (f"zone:{evil}", "router")
    cells = {(row, column): Cell((evil,), derived=(evil,), possibly=(evil,)) for row in places for column in places}
    text = matrix_table(Matrix(places, places, cells, alike=(f"host:{evil}",)), Terminal(width))
    assert not {"\x1b", "\u202e"} & set(text)
