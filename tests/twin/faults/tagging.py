"""Faults of VLAN tags: seen only where the kernel makes VLANs."""

from __future__ import annotations

from tests.twin.faults.fault import FIREWALL, Fault, instead, without

NETWORK = "/etc/systemd/network/10-bailiwick-{}"
TAGS = "802.1Q"

FAULTS = (
    Fault(
        "wrong-vlan-on-one-port",
        "a zone's VLAN bears another number on one port",
        "public-apps",
        NETWORK.format("iot.netdev"),
        instead("Id=50", "Id=51"),
        r"zone:iot|lease .*iot",
        needs=TAGS,
    ),
    Fault(
        "management-vlan-not-in-its-bridge",
        "the trunk's management VLAN is no member of the zone's bridge",
        "public-apps",
        NETWORK.format("eth1.10.network"),
        without("Bridge=mgmt"),
        r"zone:mgmt",
        needs=TAGS,
    ),
    Fault(
        "native-vlan-left",
        "frames without a tag on the trunk come into a zone",
        "public-apps",
        NETWORK.format("eth1.network"),
        instead("DHCP=no\n", "DHCP=no\nBridge=mgmt\n"),
        r"untagged|without a tag|tag",
        needs=TAGS,
    ),
    Fault(
        "vlan-missing-on-a-port",
        "one port does not carry one zone's VLAN",
        "public-apps",
        NETWORK.format("eth3.network"),
        without("VLAN=eth3.40"),
        r"zone:lan|lease .*lan",
        needs=TAGS,
    ),
    Fault(
        "bridge-keeps-tags",
        "a zone's bridge passes frames with a foreign tag on to a trunk",
        "public-apps",
        NETWORK.format("mgmt.netdev"),
        without("VLANFiltering=yes"),
        r"tag",
        needs=TAGS,
        also=((FIREWALL, without("ether type")),),
    ),
    Fault(
        "bridges-take-tags",
        "a zone's bridge takes frames with its own VLAN's tag, and what is below that leaves by a trunk",
        "trunks",
        FIREWALL,
        without("ether type"),
        r"two tags",
        needs=TAGS,
    ),
    Fault(
        "access-ports-take-tags",
        "a hypervisor's access ports take frames with their own VLAN's tag, and what is below that leaves by its trunk",
        "native",
        f"hv:{FIREWALL}",
        without("ether type"),
        r"broadcasts from hv's tap-nas.*tag 50 in tag 40: heard by .*zone:iot",
        needs="switches",
    ),
    Fault(
        "one-access-port-takes-tags",
        "one tap of a hypervisor takes frames with its own VLAN's tag, and what is below that leaves by its trunk",
        "native",
        f"hv:{FIREWALL}",
        instead(', "tap-nas"', ""),
        r"broadcasts from hv's tap-nas.*tag 50 in tag 40: heard by .*zone:iot",
        needs="switches",
    ),
)
