"""What a device is, held against what the home file says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from ipaddress import IPv4Interface
from pathlib import Path

import pytest

from bailiwick.agent.model import Finding, Generation
from bailiwick.apply.facts import Facts, Link
from bailiwick.apply.preflight import judge
from bailiwick.apply.protocol import Garbled
from bailiwick.workflow.checking import Checked, check

EXAMPLES = Path(__file__).parents[2] / "examples"
MAC = "24:f5:a2:00:11:22"
UNITS = {"systemd-networkd.service": ("disabled", False)}


def card(name: str, mac: str = "", *addresses: str) -> Link:
    return Link(name, mac, "", tuple(IPv4Interface(one) for one in addresses), False)


LINKS = (card("eth0", "02:00:00:00:00:01", "192.168.11.254/24"), card("wan0", MAC, "192.168.1.7/24"))
GOOD = Facts("debian", "12", True, LINKS, UNITS, 0, None, None, came_by="192.168.11.254")


@pytest.fixture(scope="module")
def checked() -> Checked:
    return check(EXAMPLES / "one-router.yaml", date(2026, 1, 1))


def found(checked: Checked, facts: Facts) -> tuple[Finding, ...]:
    return judge(checked.plan, checked.trees[0], "debian-12", facts)


def test_a_device_as_the_home_file_has_it_is_found_fault_with_by_nobody(checked: Checked) -> None:
    assert found(checked, GOOD) == ()


@pytest.mark.parametrize(
    ("facts", "what", "words"),
    [
        (replace(GOOD, version="13"), "platform", "runs debian-12, and it runs debian-13"),
        (replace(GOOD, system="ubuntu", version="24.04"), "platform", "it runs ubuntu-24"),
        (
            replace(GOOD, confirmed=3, generation=Generation(3, "hv", "debian-12")),
            "device",
            "is hv (generation 3 there)",
        ),
        (replace(GOOD, systemd=False), "systemd", "not started by systemd"),
        (replace(GOOD, units={}), "systemd-networkd.service", "no unit systemd-networkd.service"),
        (replace(GOOD, links=LINKS[1:]), "eth0", "no port eth0"),
        (replace(GOOD, links=LINKS[:1]), "wan0", f"no port wan0 on the device, and no card {MAC}"),
        (replace(GOOD, links=(LINKS[0], card("ens5", MAC))), "wan0", "is called ens5 there"),
        (replace(GOOD, links=(LINKS[0], card("wan0", "aa:bb:cc:00:00:01"))), "wan0", "is aa:bb:cc:00:00:01"),
        (
            replace(GOOD, links=(LINKS[0], card("wan0", MAC, "192.168.11.7/24"))),
            "wan0",
            "overlaps with the zone lan",
        ),
        (replace(GOOD, links=(LINKS[0], card("wan0", MAC, "192.0.0.7/8"))), "wan0", "overlaps with the zone lan"),
    ],
)
def test_what_would_not_work_is_an_error(checked: Checked, facts: Facts, what: str, words: str) -> None:
    errors = [one for one in found(checked, facts) if one.severity == "error"]

    assert [one.what for one in errors] == [what]
    assert words in errors[0].text


def test_cards_that_changed_places_are_both_named(checked: Checked) -> None:
    swapped = (card("eth0", MAC, "192.168.11.254/24"), card("wan0", "02:00:00:00:00:01"))
    errors = found(checked, replace(GOOD, links=swapped))

    assert [one.what for one in errors] == ["wan0"]
    assert "which is eth0" in errors[0].text


def test_who_came_by_an_address_that_goes_is_told_where_to_go_on(checked: Checked) -> None:
    old = card("eth0", "02:00:00:00:00:01", "192.168.11.2/24")
    facts = replace(GOOD, links=(old, LINKS[1]), came_by="192.168.11.2")
    (warning,) = found(checked, facts)

    assert (warning.severity, warning.what) == ("warning", "address")
    assert "192.168.11.254" in warning.text


def test_an_address_of_a_card_that_nobody_configures_stays(checked: Checked) -> None:
    facts = replace(GOOD, links=(*LINKS, card("eth9", "", "10.9.0.1/24")), came_by="10.9.0.1")

    assert found(checked, facts) == ()


CARD = {"name": "eth0", "mac": None, "kind": "", "up": True, "addresses": ["10.0.0.1/8"], "default": True}
FACTS = {
    "system": {"id": "debian", "version": "12", "name": "Debian"},
    "systemd": True,
    "links": [CARD],
    "installed": {"a.service": ["enabled", True]},
    "confirmed": 0,
    "generation": None,
    "window": None,
}


def test_facts_are_read() -> None:
    facts = Facts.of(FACTS)

    assert facts.units == {"a.service": ("enabled", True)}
    assert facts.link("eth0") == Link("eth0", "", "", (IPv4Interface("10.0.0.1/8"),), True)


@pytest.mark.parametrize(
    "more",
    [
        {"system": "debian"},
        {"links": [{"name": "eth0"}]},
        {"links": [{**CARD, "addresses": ["x"]}]},
        {"installed": {"a.service": "enabled"}},
        {"confirmed": None},
        {"generation": {"number": 1}},
        {"window": {"old": 1}},
    ],
)
def test_facts_that_cannot_be_read_are_no_facts(more: dict[str, object]) -> None:
    with pytest.raises(Garbled):
        Facts.of({**FACTS, **more})
