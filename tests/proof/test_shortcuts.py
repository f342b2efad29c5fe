"""A host in two zones that may pass packets on, against what the tests of the home file deny."""

from __future__ import annotations

from datetime import date

import pytest

from bailiwick.intent import mean
from bailiwick.proof.shortcuts import shortcuts
from bailiwick.workflow.reading import read_text

HOME = """\
name: legs
uplinks: {{wan: {{interface: gate/eth0, address: dhcp}}}}
zones:
  lan: {{subnet: 192.168.1.0/24}}
  iot: {{subnet: 192.168.2.0/24}}
  dmz: {{subnet: 192.168.3.0/24}}
hosts:
  gate: {{router: linux, ports: {{eth1: lan, eth2: iot, eth3: dmz}}}}
  nas: {{legs: {{lan: {{address: .9}}, iot: {{address: .9}}}}{nas}}}
  cam: {{legs: {{iot: {{address: .8}}, dmz: {{address: .8}}}}{cam}}}
dns: {{upstreams: [9.9.9.9]}}
policy:
  - lan -> internet: web
tests:
  deny:
    - {deny}
"""
STILL = ", forwards: no, because: ip_forward is 0"


def found(deny: str, nas: str = "", cam: str = STILL) -> list[tuple[str, str]]:
    home = read_text("home.yaml", HOME.format(deny=deny, nas=nas, cam=cam), date(2026, 1, 1))
    return [(one.sentence.partition(", past")[0], str(one.packet)) for one in shortcuts(mean(home.network))]


def test_a_host_in_two_zones_is_a_way_between_them() -> None:
    (one,) = found("iot -> lan: any")
    assert one[0] == "nas passes on from iot to lan"
    assert "192.168.2." in one[1]


@pytest.mark.parametrize("deny", ["lan -> dmz: any", "iot -> dmz: any", "outside -> lan: any"])
def test_it_is_none_to_where_it_does_not_stand(deny: str) -> None:
    assert found(deny) == []


def test_it_is_none_where_the_host_passes_nothing_on() -> None:
    assert found("iot -> lan: any", nas=STILL) == []


def test_several_in_a_row_lead_further() -> None:
    (one,) = found("lan -> dmz: any", cam="")
    assert one[0] == "nas, then cam passes on from lan to dmz"
