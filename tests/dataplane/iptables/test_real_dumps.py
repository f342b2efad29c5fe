"""Dumps that people published, read to their ends; what stays unknown of each is written down here."""

from __future__ import annotations

import pytest

from bailiwick.dataplane.iptables import read
from bailiwick.dataplane.rules import Goto
from tests.dataplane.iptables.real_dumps import REAL, WHY, text_of

pytestmark = pytest.mark.skipif(not REAL, reason=WHY)

BY_NAME = {path.name: path for path in REAL}
# Rules of the whole dump, and lines that are unknown, by the first word of what is not known.
ACCOUNTS = {
    "iptables-save": (34, {"limit": 1}),
    "iptables-save.txt": (365, {"physdev": 1}),
    "2014_sep_iptables-saveakachan": (404, {"recent": 1}),
    "2015_aug_iptables-save": (78, {"recent": 1}),
    "2015_aug_iptables-save-spoofing-protection": (102, {"recent": 1}),
    "typical_home_user_iptables-save": (
        218,
        {"conntrack": 30, "hashlimit": 5, "owner": 4, "recent": 3, "connlimit": 1, "pkttype": 10},
    ),
}


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_a_published_dump_is_read_completely(name: str) -> None:
    text = text_of(BY_NAME[name])
    found = read(text, name)
    assert found.tally.adds_up
    assert found.tally.lines == len(text.splitlines())
    rules = [rule for table in found.tables for chain in table.chains.values() for rule in chain.rules]
    unknown: dict[str, int] = {}
    for _, why in found.tally.unknown:
        unknown[why.split()[0]] = unknown.get(why.split()[0], 0) + 1
    assert (len({rule.line.number for rule in rules}), unknown) == ACCOUNTS[name]
    assert {why for _, why in found.tally.ignored} <= {"a comment", "an empty line"}


def test_gotos_of_shorewall_are_gotos() -> None:
    found = read(text_of(BY_NAME["2014_sep_iptables-saveakachan"]))
    gotos = [
        step
        for table in found.tables
        for chain in table.chains.values()
        for rule in chain.rules
        for step in rule.steps
        if isinstance(step, Goto)
    ]
    assert len(gotos) == 28
