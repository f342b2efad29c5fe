from __future__ import annotations

import pytest

from bailiwick.dataplane.nft import read
from bailiwick.dataplane.nft.merged import DOUBT, unmerged
from bailiwick.dataplane.rules import Among, AnyOf, Step
from bailiwick.packets.interval import IntervalSet


def differs(field: str, *values: int) -> Among:
    return Among(field, IntervalSet.of((value, value) for value in values), negated=True)


def payload(field: str, op: str = "!=") -> object:
    return {"match": {"op": op, "left": {"payload": {"protocol": "tcp", "field": field}}, "right": 53}}


def test_two_ports_side_by_side_are_unknown_where_one_of_them_alone_is_equal() -> None:
    path: tuple[Step, ...] = (differs("source_port", 53), differs("destination_port", 54))
    steps, found = unmerged(path)
    assert found and len(steps) == 2
    either, both = steps
    assert isinstance(either, AnyOf) and either.options == ((path[0],), (path[1],))
    assert isinstance(both, AnyOf) and both.options[0] == path


@pytest.mark.parametrize(
    "path",
    [
        (differs("source", 1), differs("destination", 2)),
        (differs("source_port", 53, 54), differs("destination_port", 53)),
        (differs("source_port", 53), differs("source", 1), differs("destination_port", 53)),
        (differs("source_port", 53), Among("destination_port", IntervalSet.single(53))),
    ],
)
def test_what_nft_never_joins_stays(path: tuple[Step, ...]) -> None:
    assert unmerged(path) == (path, False)


@pytest.mark.parametrize(("op", "doubts"), [("!=", 1), ("==", 0)])
def test_the_account_says_so(op: str, doubts: int) -> None:
    chain = {"family": "ip", "table": "t", "name": "c", "handle": 1}
    rule = {"family": "ip", "table": "t", "chain": "c", "handle": 2}
    listing = {
        "nftables": [
            {"table": {"family": "ip", "name": "t", "handle": 1}},
            {"chain": {**chain, "type": "filter", "hook": "input", "prio": 0, "policy": "accept"}},
            {"rule": {**rule, "expr": [payload("dport", op), payload("sport"), {"drop": None}]}},
        ]
    }
    _, tally = read(listing)
    assert [text for _, text in tally.unknown] == [DOUBT] * doubts and tally.adds_up
