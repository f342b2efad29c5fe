"""One thing changed in the files of a switch, a hypervisor or the router: the proof fails, and shows the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from bailiwick.proof.difference import Difference
from tests.proof.segments.sample import HOME, Sample

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def sample() -> Sample:
    return Sample.of(HOME)


Change = tuple[str, str, tuple[tuple[str, str], ...]]

FAULTS: dict[str, tuple[Change, str, str]] = {
    # what is changed; what is said, in part; the file of the line that is named
    "a wrong VLAN on an access port": (
        ("hv", "ens2.network", (("PVID=40", "PVID=20"), ("EgressUntagged=40", "EgressUntagged=20"))),
        "at hv/ens2 (zone lan) hears what the router (zone services) sends: gate/eth1 tagged 20 → hv/ens2",
        "hv:/etc/systemd/network/10-bailiwick-ens2.network",
    ),
    "VLANs swapped at one end": (
        ("gate", "eth1.40.netdev", (("Id=40", "Id=50"),)),
        "VLAN 50 on port eth1 ends in lan, where the home file does not have it",
        "/etc/systemd/network/10-bailiwick-eth1",
    ),
    "the bridge's own membership missing": (
        ("hv", "br0.network", (("[BridgeVLAN]", ""), ("VLAN=10", ""))),
        "hv/mgmt does not hear what the router sends in zone mgmt: hv/br0 does not carry it as it should",
        "hv:/etc/systemd/network/10-bailiwick-br0.netdev",
    ),
    "a trunk that lacks a VLAN": (
        ("hv", "ens1.network", (("VLAN=20", "VLAN=21"),)),
        "cloud/eth0 does not hear what the router sends in zone services: hv/ens1 does not carry it as it should",
        "hv:/etc/systemd/network/10-bailiwick-ens1.network",
    ),
    "a leak between access ports": (
        ("hv", "tap-cloud.network", (("EgressUntagged=20", "EgressUntagged=20\n[BridgeVLAN]\nEgressUntagged=40"),)),
        "cloud/eth0 (zone services) hears what the router (zone lan) sends: "
        "gate/eth1 tagged 40 → hv/tap-cloud → cloud/eth0",
        "hv:/etc/systemd/network/10-bailiwick-tap-cloud.network",
    ),
    "a native VLAN left on a trunk": (
        ("hv", "ens1.network", (("VLAN=20", "PVID=20"),)),
        "hears what the cable at hv/ens1 sends: hv/",
        "hv:/etc/systemd/network/10-bailiwick-ens1.network",
    ),
    "a native VLAN that leaves without a tag": (
        ("hv", "ens1.network", (("VLAN=20", "PVID=20\nEgressUntagged=20"),)),
        "gate/eth1 hears what cloud/eth0 (zone services) sends: cloud/eth0 → hv/ens1 → gate/eth1",
        "hv:/etc/systemd/network/10-bailiwick-ens1.network",
    ),
    "a native VLAN on a switch's trunk, for two tags": (
        (
            "sw",
            ".rsc",
            (
                (
                    "frame-types=admit-only-untagged-and-priority-tagged ingress-filtering=yes pvid=40",
                    "ingress-filtering=no pvid=40",
                ),
            ),
        ),
        "someone at ap/network things (zone iot) hears what someone at sw/ether2 (zone lan) sends tagged 10 and 50: "
        "someone at sw/ether2 tagged 10 and 50 → sw/ether5 tagged 50 → ap/network things",
        "sw:/bailiwick.rsc",
    ),
    "no filtering at all": (
        ("hv", "br0.netdev", (("VLANFiltering=yes", "VLANFiltering=no"),)),
        "cloud/eth0 (zone services) hears what the router (zone mgmt) sends: "
        "gate/eth1 tagged 10 → hv/tap-cloud tagged 10",
        "hv:/etc/systemd/network/10-bailiwick-br0.netdev",
    ),
    "every port in a VLAN of its own accord": (
        ("hv", "br0.netdev", (("DefaultPVID=none", "DefaultPVID=20"),)),
        "hears what",
        "hv:/etc/systemd/network/10-bailiwick-",
    ),
    "an access port that gives another zone's tag": (
        ("hv", "tap-cloud.network", (("PVID=20", "VLAN=10\nPVID=20"),)),
        "cloud/eth0 (zone services) hears what the router (zone mgmt) sends: "
        "gate/eth1 tagged 10 → hv/tap-cloud tagged 10 → cloud/eth0",
        "hv:/etc/systemd/network/10-bailiwick-tap-cloud.network",
    ),
    "an access port that takes another zone's tag": (
        ("hv", "firewall.nft", (('{ "ens2", "tap-cloud", ', '{ "ens1", '),)),
        "hv/mgmt does not hear what the router sends in zone mgmt",
        "",
    ),
    "a rule that nobody asked for": (
        ("hv", "firewall.nft", (("\t\tiifname", '\t\tiifname "ens1" ip daddr 192.168.20.5 drop\n\t\tiifname'),)),
        "a line that cannot be read: what becomes of frames here is not followed",
        "hv:/etc/bailiwick/firewall.nft",
    ),
    "a filter of packets": (
        (
            "hv",
            "firewall.nft",
            (("table bridge", "table ip6 x { chain a { type filter hook input priority 0; }; }\ntable bridge"),),
        ),
        "hv filters packets in ip6 x, which nothing asks for",
        "hv:/etc/bailiwick/firewall.nft",
    ),
    "clients that are no longer kept apart": (
        ("hv", "tap-hub.network", (("Isolated=yes", "Isolated=no"),)),
        "meter/eth0 hears what hub/eth0 sends, and iot keeps its clients apart: hub/eth0 → hv/tap-meter → meter/eth0",
        "hv:/etc/systemd/network/10-bailiwick-tap-meter.network",
    ),
    "a guest on another's tap": (
        ("hv", "cloud/domain.xml", (('dev="tap-cloud"', 'dev="tap-hub"'),)),
        "cloud/eth0 (zone services) hears what",
        "hv:/etc/systemd/network/10-bailiwick-tap-hub.network",
    ),
    "a tap that libvirt makes anew": (
        ("hv", "cloud/domain.xml", (('managed="no"', 'managed="yes"'),)),
        "libvirt would make this tap anew, in no zone",
        "hv:/etc/bailiwick/guests/cloud/domain.xml",
    ),
    "a card passed through unasked": (
        (
            "hv",
            "cloud/domain.xml",
            (
                (
                    "<rng",
                    '<hostdev mode="subsystem" type="pci"><source><address bus="0x03" slot="0x00" function="0x0"/>'
                    "</source></hostdev>\n    <rng",
                ),
            ),
        ),
        "cloud is given the card 0000:03:00.0 of hv, which nothing asks for",
        "hv:/etc/bailiwick/guests/cloud/domain.xml",
    ),
    "the hypervisor with a leg in another zone": (
        ("hv", "ens2.network", (("DHCP=no", "DHCP=no\nAddress=192.168.40.9/24"),)),
        "hv has the address 192.168.40.9/24 on ens2, which nothing asks for",
        "hv:/etc/systemd/network/10-bailiwick-ens2.network",
    ),
    "the hypervisor as a router": (
        (
            "hv",
            "90-bailiwick.conf",
            (("ip_forward = 0", "ip_forward = 1"), ("all/forwarding = 0", "all/forwarding = 1")),
        ),
        "hv passes packets on between networks: net.ipv4.ip_forward is 1",
        "",
    ),
    "a mirror that nobody asked for": (
        (
            "hv",
            "bailiwick-guests.service",
            (("ExecStart=", "ExecStartPre=/usr/lib/bailiwick/mirror start tap-cloud ens2\nExecStart="),),
        ),
        "hv copies what passes ens2 to tap-cloud, which nothing asks for",
        "",
    ),
    "a switch that does not look at tags": (
        ("sw", ".rsc", (("vlan-filtering=yes", "vlan-filtering=no"),)),
        "hears what",
        "sw:/bailiwick.rsc",
    ),
    "a switch's port in another VLAN": (
        ("sw", ".rsc", (("pvid=40", "pvid=50"),)),
        "someone at sw/ether3 (zone iot) hears what someone at sw/ether2 (zone lan) sends: "
        "someone at sw/ether2 → sw/ether3",
        "sw:/bailiwick.rsc",
    ),
    "a switch's access port with a tagged VLAN that it takes": (
        (
            "sw",
            ".rsc",
            (
                ("frame-types=admit-only-untagged-and-priority-tagged ingress-filtering=yes pvid=40", "pvid=40"),
                (
                    "vlan-ids=10 comment=bailiwick:vlan:10 tagged=bridge,ether1",
                    "vlan-ids=10 tagged=bridge,ether1,ether2",
                ),
            ),
        ),
        "sw/mgmt (zone mgmt) hears what someone at sw/ether2 (zone lan) sends tagged 10: "
        "someone at sw/ether2 tagged 10 → sw/mgmt",
        "sw:/bailiwick.rsc",
    ),
    "a switch's port that takes whatever comes": (
        (
            "sw",
            ".rsc",
            (
                (
                    "frame-types=admit-only-untagged-and-priority-tagged ingress-filtering=yes pvid=40",
                    "ingress-filtering=no pvid=40",
                ),
            ),
        ),
        "sw/mgmt (zone mgmt) hears what someone at sw/ether2 (zone lan) sends tagged 10: "
        "someone at sw/ether2 tagged 10 → sw/mgmt",
        "sw:/bailiwick.rsc",
    ),
    "the switch's own VLAN missing": (
        ("sw", ".rsc", (("tagged=bridge,ether1 untagged=ether5", "tagged=ether1 untagged=ether5"),)),
        "sw/mgmt does not hear what the router sends in zone mgmt",
        "sw:/bailiwick.rsc",
    ),
    "a switch's clients no longer apart": (
        ("sw", ".rsc", ((" horizon=1", ""),)),
        "hears what someone at sw/ether3 sends, and iot keeps its clients apart: someone at sw/ether3 → sw/ether4",
        "sw:/bailiwick.rsc",
    ),
}


def told(found: tuple[Difference, ...], words: str) -> list[Difference]:
    return [one for one in found if words in one.sentence]


def test_what_is_rendered_is_proven(sample: Sample) -> None:
    assert sample.differences({("hv", "/nothing"): ""}) == ()


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_is_shown_with_its_way(what: str, sample: Sample) -> None:
    (machine, name, changes), words, file = FAULTS[what]
    found = sample.replaced(machine, name, *changes)
    shown = "\n".join(f"{one.sentence} [{one.line}]" for one in found)
    assert told(found, words), shown
    assert not file or any(one.line and one.line.file.startswith(file) for one in found), shown


ROUTER_VM: dict[str, tuple[Change, str]] = {
    "the router's tap in another VLAN": (
        ("hv", "tap-router-eth0.network", (("PVID=11", "PVID=12"), ("EgressUntagged=11", "EgressUntagged=12"))),
        "hv/lan does not hear what the router sends in zone lan: hv/tap-router-eth0 does not carry it as it should",
    ),
    "another card passed through": (
        ("hv", "router/domain.xml", (('id="0x1790"', 'id="0x1791"'),)),
        "router is given the card 0b95:1791 of hv, which nothing asks for",
    ),
    "the router's card gone": (
        ("hv", "router/domain.xml", (('dev="tap-router-eth0"', 'dev="tap-nas"'),)),
        "someone at hv/tap-router-eth0 hears what the router (zone lan) sends",
    ),
    "a guest that nobody knows": (
        ("hv", "nas/domain.xml", (("<name>nas</name>", "<name>cuckoo</name>"),)),
        "hv has a guest cuckoo, which the home file does not have there",
    ),
}


@pytest.fixture(scope="module")
def router_vm() -> Sample:
    return Sample.of((Path(__file__).parents[3] / "examples/router-vm.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("what", ROUTER_VM)
def test_a_router_that_is_a_guest_is_followed_through_its_taps(what: str, router_vm: Sample) -> None:
    (machine, name, changes), words = ROUTER_VM[what]
    assert router_vm.differences({("hv", "/nothing"): ""}) == ()
    found = router_vm.replaced(machine, name, *changes)
    assert told(found, words), "\n".join(one.sentence for one in found)
