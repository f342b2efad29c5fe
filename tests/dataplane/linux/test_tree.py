"""Whole trees, as a build writes them."""

from __future__ import annotations

from datetime import date
from ipaddress import ip_interface, ip_network
from pathlib import Path
from random import Random

import pytest

from bailiwick.dataplane.linux import read_tree
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.unreadable import Unreadable
from bailiwick.workflow.checking import check
from bailiwick.workflow.nft_listing import nft_listing

EXAMPLES = Path(__file__).parents[3] / "examples"
FIREWALL = "/etc/bailiwick/firewall.nft"
EMPTY: dict[str, list[object]] = {"nftables": []}


def built(name: str) -> dict[str, str]:
    tree = check(EXAMPLES / f"{name}.yaml", date(2026, 1, 1)).trees[0]
    return {artifact.path: artifact.text for artifact in tree.artifacts}


@pytest.fixture(scope="module")
def gate() -> Device:
    files = built("public-apps")
    listing = nft_listing({FIREWALL: files[FIREWALL]})
    return read_tree(files, listing.ruleset, "gate", listing.places)


@pytest.mark.real
@pytest.mark.parametrize("name", ["public-apps", "one-router"])
def test_our_examples_are_read_with_nothing_unknown(name: str) -> None:
    files = built(name)
    listing = nft_listing({FIREWALL: files[FIREWALL]})
    tally = read_tree(files, listing.ruleset, name, listing.places).tally
    assert tally.adds_up
    assert tally.unknown == ()
    assert tally.understood > 200


@pytest.mark.real
def test_each_rule_has_its_line_of_the_file(gate: Device) -> None:
    lines = built("public-apps")[FIREWALL].split("\n")
    rules = [rule for chain in gate.tables[0].chains.values() for rule in chain.rules]
    assert len(rules) > 50
    for rule in rules:
        assert rule.line.file == FIREWALL
        assert lines[rule.line.number - 1].strip() == rule.line.text
        assert rule.remark == "" or rule.remark in rule.line.text


@pytest.mark.real
def test_interfaces_and_ways_of_the_example(gate: Device) -> None:
    found = gate.interfaces
    assert found["iot"].addresses == (ip_interface("192.168.50.1/24"),)
    assert (found["iot"].vlan, found["iot"].parent) == (50, "eth3")
    assert (found["ppp-wan"].kind, found["ppp-wan"].parent, found["ppp-wan"].dynamic) == ("ppp", "eth0", True)
    assert (found["wg-ivpn"].kind, found["wg-ivpn"].dynamic) == ("tunnel", True)
    assert (found["eth3.40"].master, found["eth3.40"].untagged) == ("lan", 1)
    defaults = [route for route in gate.routing.routes if route.prefix == ip_network("0.0.0.0/0")]
    assert {(route.table == "main", route.interface, route.kind, route.lasting) for route in defaults} == {
        (True, "ppp-wan", "unicast", False),
        (False, "wg-ivpn", "unicast", False),
        (False, None, "unreachable", True),
    }
    assert [rule.action for rule in gate.routing.rules][-1] == "unreachable"
    assert gate.routing.forwarding
    assert gate.settings["net.ipv4.ip_forward"] == "1"


def test_without_the_setting_nothing_is_forwarded() -> None:
    assert not read_tree({}, EMPTY, "x").routing.forwarding


def test_a_file_that_nobody_reads_is_in_the_account() -> None:
    tally = read_tree({"/etc/surprise": "x\ny\n", "/etc/resolv.conf": "nameserver 1.1.1.1\n"}, EMPTY, "x").tally
    assert [line.file for line, _ in tally.unknown] == ["/etc/surprise"]
    assert (tally.lines, tally.adds_up) == (2, True)


JUNK = (
    "[",
    "]",
    "=",
    "\\",
    "10.0.0.1",
    "/",
    "-",
    "99999999999999999999",
    "::1",
    "\x00",
    "é",
    '"',
    "[Route]\n",
    "Name=",
    "*",
    "yes",
)


def damaged(files: dict[str, str], seeds: range) -> None:
    for seed in seeds:
        random = Random(seed)
        changed = dict(random.sample(sorted(files.items()), 8))
        for path, text in list(changed.items()):
            lines = text.split("\n")
            for _ in range(random.randint(1, 3)):
                at = random.randrange(len(lines))
                cut = random.randint(0, len(lines[at]))
                action = random.randrange(4)
                if action == 0:
                    lines[at] = lines[at][:cut] + random.choice(JUNK) + lines[at][cut:]
                elif action == 1:
                    lines[at] = lines[at][:cut]
                elif action == 2:
                    lines.insert(at, random.choice(lines))
                else:
                    del lines[at]
                    lines = lines or [""]
            changed[path] = "\n".join(lines)
        try:
            tally = read_tree(changed, EMPTY, "x").tally
        except Unreadable as unreadable:
            assert unreadable.place
            continue
        assert tally.adds_up
        assert tally.understood >= 0


def test_damaged_files_are_read() -> None:
    damaged({**built("public-apps"), **built("one-router")}, range(300))


@pytest.mark.deep
def test_many_damaged_files_are_read() -> None:
    damaged({**built("public-apps"), **built("one-router")}, range(1000, 21000))
