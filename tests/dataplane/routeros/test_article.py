"""One home's export in full: nothing of it is lost, and what stands in it is found again."""

from __future__ import annotations

from bailiwick.dataplane.rules import Accept, Drop, Reject
from tests.dataplane.routeros.exports import ARTICLE, chain, read


def test_the_whole_export_is_understood() -> None:
    device = read(ARTICLE.read_text())
    assert device.platform == "routeros"
    assert not device.tally.unknown
    assert device.tally.lines == len(ARTICLE.read_text().splitlines())


def test_its_rules_are_all_there() -> None:
    device = read(ARTICLE.read_text())
    counts = {
        (one.name, name): len(one.chains[name].rules)
        for one in device.tables
        for name in one.chains
        if one.chains[name].rules
    }
    assert counts == {
        ("mangle", "prerouting"): 2,
        ("mangle", "forward"): 1,
        ("nat", "srcnat"): 2,
        ("nat", "dstnat"): 1,
        ("filter", "input"): 4,
        ("filter", "forward"): 26,
    }
    verdicts = [type(rule.steps[-1]) for rule in chain(device, "forward").rules]
    assert (verdicts.count(Accept), verdicts.count(Drop), verdicts.count(Reject)) == (18, 7, 1)


def test_its_wiring_and_routes() -> None:
    device = read(ARTICLE.read_text())
    assert device.interfaces["pppoe-out1"].parent == "ether1"
    assert device.interfaces["ether2"].tagged == frozenset({10, 20, 30})
    assert device.interfaces["bridge"].tagged == frozenset({10, 20, 30, 40, 50})
    ways = {(str(one.prefix), one.table): one.interface for one in device.routing.routes if one.kind == "unicast"}
    assert (ways["0.0.0.0/0", "main"], ways["0.0.0.0/0", "tbl_vpn"]) == ("pppoe-out1", "wg_ivpn")
    assert [rule.table for rule in device.routing.rules] == ["tbl_vpn", "local", "main"]
