"""The modem's page: who is meant to get it, and who does."""

from __future__ import annotations

import pytest

from bailiwick.twin import TwinOptions, try_network
from bailiwick.twin.aim.visits import visits_of
from bailiwick.twin.aim.ways import Ways
from bailiwick.twin.layout import lay_out, lines_of
from tests.twin.homes import home, small, trunks


def test_intent_says_who_gets_the_page() -> None:
    one = trunks()
    ways = Ways(one.network, lines_of(one.network, one.plan))
    held = {zone.id: {zone.subnet[9]} for zone in one.network.zones.values()}
    visits = visits_of(one.network, one.intent, ways, lay_out(one.network, one.plan, held))

    assert {visit.zone: str(visit.seen_as) for visit in visits} == {
        "mgmt": "None",
        "lan": "192.168.1.254",
        "iot": "None",
    }


def test_no_modem_no_page() -> None:
    one = small()
    ways = Ways(one.network, lines_of(one.network, one.plan))

    assert not visits_of(one.network, one.intent, ways, lay_out(one.network, one.plan, {}))


@pytest.mark.real
def test_the_page_is_had_by_those_alone() -> None:
    one = trunks()
    checks = try_network(one.network, one.intent, one.plan, one.tree, TwinOptions(patience=0.15)).checks
    pages = {check.subject.rpartition(" ")[2]: check.seen for check in checks if check.subject.startswith("the page")}

    assert pages == {"mgmt": "no answer", "lan": "modem of wan, asked by 192.168.1.254", "iot": "no answer"}


@pytest.mark.real
def test_a_page_that_should_not_be_had_is_a_difference() -> None:
    one = home("one-router")
    nobody = home("one-router").changed(
        lambda text: "".join(line for line in text.splitlines(keepends=True) if "lan->modem" not in line)
    )
    checks = try_network(one.network, one.intent, one.plan, nobody.tree, TwinOptions(patience=0.15)).checks
    pages = [check for check in checks if check.subject.startswith("the page")]

    assert pages
    assert all(check.differs and check.seen == "no answer" for check in pages)
