"""The vendor's words, as packets: our reader and interpreter do what the manual says."""

from __future__ import annotations

import pytest

from tests.dataplane.routeros.vector import RuleSet, rule_sets, sections

RULE_SETS = rule_sets()


@pytest.mark.parametrize("rules", RULE_SETS, ids=lambda one: one.name)
def test_a_packet_fares_as_the_manual_says(rules: RuleSet) -> None:
    assert rules.device.tally.adds_up
    seen = [f"{vector.packet} => {result}" for vector, result in rules.results()]
    assert seen == [f"{vector.packet} => {vector.expected}" for vector in rules.vectors]


@pytest.mark.parametrize("rules", [one for one in RULE_SETS if one.frames], ids=lambda one: one.name)
def test_a_frame_goes_where_the_manual_says(rules: RuleSet) -> None:
    assert list(rules.followed()) == list(rules.frames)


@pytest.mark.parametrize("rules", RULE_SETS, ids=lambda one: one.name)
def test_what_is_not_certain_is_told(rules: RuleSet) -> None:
    """The lines that are not understood are those that the section names, and no others."""
    unknown = rules.unknown()
    assert sorted(unknown) == sorted(line for line, _ in rules.told)
    for line, words in rules.told:
        assert words in unknown[line]


def test_every_section_names_its_page_or_says_that_there_is_none() -> None:
    found = dict(sections())
    assert len(found) > 40
    for title, body in found.items():
        assert body.strip().startswith(("Manual: ", "Inferred: ", "Not documented")), title
        assert "```text rules" in body, title


def test_there_are_many() -> None:
    assert sum(len(rules.vectors) for rules in RULE_SETS) > 150
