from __future__ import annotations

import re

import pytest

from bailiwick.dataplane.routeros import ExportError, read_export
from bailiwick.dataplane.routeros.ledger import UNREAD
from tests.dataplane.routeros.mutations import mutants


def hold(text: str) -> None:
    """Only ExportError comes out, with a place in the text; what is read accounts for every line."""
    lines = len(re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", text.removeprefix("\ufeff")))
    try:
        device = read_export(text, "x.rsc")
    except ExportError as error:
        assert 1 <= error.line.number <= lines
        return
    tally = device.tally
    assert tally.adds_up
    assert tally.lines == lines
    assert not [line for line, what in tally.unknown if what == UNREAD]
    numbers = [line.number for line, _ in (*tally.unknown, *tally.ignored)]
    assert len(set(numbers)) == len(numbers)
    for table in device.tables:
        for chain in table.chains.values():
            assert all(1 <= rule.line.number <= lines for rule in chain.rules)


def test_two_hundred_mutants() -> None:
    for text in mutants(seed=1, count=200):
        hold(text)


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(100, 120))
def test_a_hundred_thousand_mutants(seed: int) -> None:
    for text in mutants(seed, count=5000):
        hold(text)
