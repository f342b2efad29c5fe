"""The line that says how far a trial has come."""

from __future__ import annotations

import io

from bailiwick.cli.progress import WIDTH, live


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_nothing_is_said_where_nobody_looks() -> None:
    out = io.StringIO()
    with live("Trying home.yaml", out) as listener:
        assert listener is None
    assert out.getvalue() == ""


def test_a_terminal_is_told_each_part_on_one_line_that_goes_away() -> None:
    screen = Screen()
    with live("Trying home.yaml", screen) as listener:
        assert listener is not None
        listener("scene")
        listener("x" * 200)

    said = screen.getvalue()
    assert "1 done: scene" in said
    assert "2 done: xxx" in said
    assert "\n" not in said
    assert said.endswith("\r\x1b[K")
    assert all(len(line.removesuffix("\x1b[K")) <= WIDTH for line in said.split("\r"))
