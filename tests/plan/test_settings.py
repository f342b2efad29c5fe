from __future__ import annotations

from bailiwick.plan import make_plan
from tests.plan import networks as make

LAN = make.zone("lan", 40)


def values(*ports: str) -> dict[str, str]:
    home = make.network([LAN], [make.port(name, None, "lan") for name in ports])
    return {s.key: s.value for s in make_plan(home).settings}


def test_ipv6_is_off_on_every_interface() -> None:
    found = values("eth1", "eth2")
    for name in ("all", "default", "eth0", "eth1", "eth2", "eth1.40", "eth2.40", "lan"):
        assert found[f"net/ipv6/conf/{name}/disable_ipv6"] == "1"


def test_redirects_and_source_routes_are_refused_on_every_interface() -> None:
    found = values("eth1")
    for name in ("all", "default", "eth0", "eth1", "lan"):
        for leaf in ("accept_redirects", "send_redirects", "accept_source_route"):
            assert found[f"net/ipv4/conf/{name}/{leaf}"] == "0"


def test_bridged_frames_are_not_filtered_and_the_module_may_be_absent() -> None:
    assert not any("bridge" in key for key in values("eth1"))
    home = make.network([LAN], [make.port("eth1", "lan"), make.port("eth2", "lan")])
    bridge = [s for s in make_plan(home).settings if "bridge" in s.key]
    assert len(bridge) == 3 and all(s.optional and s.value == "0" for s in bridge)


def test_translations_live_as_long_as_the_rfcs_ask() -> None:
    found = values("eth1")
    assert int(found["net/netfilter/nf_conntrack_udp_timeout"]) >= 120  # RFC 4787 REQ-5
    assert int(found["net/netfilter/nf_conntrack_icmp_timeout"]) >= 60  # RFC 5508 REQ-2


def test_every_setting_has_one_value_and_a_reason() -> None:
    home = make.network([LAN], [make.port("eth1", None, "lan")])
    settings = make_plan(home).settings
    assert len({s.key for s in settings}) == len(settings)
    assert all(s.reason and "." not in s.key.rpartition("/")[2] for s in settings)
