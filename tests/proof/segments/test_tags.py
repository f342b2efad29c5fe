"""A guest in a zone that a trunk beyond its hypervisor carries untagged: by the rule two tags lead nowhere."""

from __future__ import annotations

import pytest

from tests.proof.segments.sample import Sample

pytestmark = pytest.mark.real

NATIVE = """\
name: native
platform: debian-12
uplinks:
  wan: {interface: gate/eth0, address: dhcp}
zones:
  mgmt: {vlan: 10, subnet: 192.168.10.0/24}
  lan: {vlan: 40, subnet: 192.168.40.0/24}
  iot: {vlan: 50, subnet: 192.168.50.0/24}
hosts:
  gate: {router: linux, ports: {eth1: {link: hv/ens1, native: lan, trunk: [mgmt, iot]}}}
  hv: {hypervisor: linux, zone: mgmt, address: .2, ports: {ens1: gate/eth1, ens2: lan}}
  nas: {zone: lan, address: .5, guest-of: hv}
  hub: {zone: iot, address: .5, guest-of: hv}
dns: {upstreams: [9.9.9.9]}
policy:
  - lan -> iot: https
"""
POINT = """\
name: point
platform: debian-12
uplinks:
  wan: {interface: gate/eth0, address: dhcp}
zones:
  mgmt: {vlan: 10, subnet: 192.168.10.0/24}
  iot: {vlan: 50, subnet: 192.168.50.0/24}
hosts:
  gate: {router: linux, ports: {eth1: hv/ens1}}
  hv: {hypervisor: linux, zone: mgmt, address: .2, ports: {ens1: gate/eth1, ens2: ap/uplink}}
  watch: {zone: mgmt, address: .5, guest-of: hv}
devices:
  ap: {kind: access-point, zone: mgmt, address: .3, ssids: {things: iot}}
dns: {upstreams: [9.9.9.9]}
policy:
  - mgmt -> iot: https
"""
PORTS = '{ "ens2", "tap-hub", "tap-nas" }'
RULE = f"iifname {PORTS} ether type {{ 8021q, 8021ad }} drop"
BY_GUEST = (
    "gate/iot (zone iot) hears what nas/eth0 (zone lan) sends tagged 40 and 50: "
    "nas/eth0 tagged 40 and 50 → hv/ens1 tagged 50 → gate/iot"
)
BY_CABLE = (
    "gate/iot (zone iot) hears what someone at hv/ens2 (zone lan) sends tagged 40 and 50: "
    "someone at hv/ens2 tagged 40 and 50 → hv/ens1 tagged 50 → gate/iot"
)


@pytest.fixture(scope="module")
def native() -> Sample:
    return Sample.of(NATIVE)


def said(sample: Sample, *changes: tuple[str, str]) -> list[str]:
    return [one.sentence for one in sample.replaced("hv", "firewall.nft", *changes)]


def test_what_is_rendered_is_proven(native: Sample) -> None:
    assert said(native) == []


def test_beyond_the_hypervisor_somebody_elses_trunk_may_be_native_too() -> None:
    point = Sample.of(POINT)
    assert said(point) == []
    leak = "someone at ap/network things (zone iot) hears what watch/eth0 (zone mgmt) sends tagged 10 and 50"
    assert any(one.startswith(leak) for one in said(point, ('iifname "tap-watch"', 'iifname "eth9"')))


@pytest.mark.parametrize(
    "rule",
    [
        "",
        RULE.replace(PORTS, '{ "ens2", "tap-hub" }'),
        RULE.replace(PORTS, '"tap-nas*x"'),
        RULE.replace("drop", "accept"),
        RULE.replace("{ 8021q, 8021ad }", "8021ad"),
        RULE.replace("iifname", "iifname !="),
        RULE.replace("iifname", "oifname"),
        RULE.replace("drop", "ether saddr 02:00:00:00:00:01 drop"),
        f"iifname {PORTS} ether type ip accept\n\t\t{RULE}",
    ],
)
def test_without_the_rule_a_second_tag_leads_on(native: Sample, rule: str) -> None:
    assert BY_GUEST in said(native, (RULE, rule))


def test_each_port_counts(native: Sample) -> None:
    found = said(native, (PORTS, '{ "tap-hub", "tap-nas" }'))
    assert BY_CABLE in found
    assert BY_GUEST not in found


def test_of_a_zone_that_every_trunk_tags_the_rule_is_one_lock_more(native: Sample) -> None:
    assert said(native, (PORTS, '{ "ens2", "tap-nas" }')) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hook prerouting priority -300", "hook input priority -300"),
        ("hook prerouting priority -300", "hook prerouting priority -200"),
        ("hook prerouting priority -300", "hook prerouting priority 0"),
        ("table bridge bailiwick {", "table inet bailiwick {"),
    ],
)
def test_where_it_comes_too_late_it_does_not_count(native: Sample, old: str, new: str) -> None:
    assert BY_GUEST in said(native, (old, new))


def test_another_policy_is_not_followed(native: Sample) -> None:
    found = said(native, ("policy accept", "policy drop"))
    assert [one for one in found if "the chain's policy is no `accept`" in one]


def test_a_trunk_that_takes_no_tags_is_cut_off(native: Sample) -> None:
    found = said(native, ('{ "ens2"', '{ "ens1", "ens2"'))
    assert "hub/eth0 does not hear what the router sends in zone iot" in found


def test_other_words_for_the_same(native: Sample) -> None:
    assert said(native, (PORTS, '{ "ens2", "tap-*" }')) == []
