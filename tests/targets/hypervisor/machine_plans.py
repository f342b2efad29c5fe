"""Hand-made bridges and guests: a hypervisor with every kind of port, and a RouterOS switch."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface
from typing import Any

from bailiwick.language.span import Span
from bailiwick.network.model import Passthrough
from bailiwick.plan.guests import Card, GuestMachine
from bailiwick.plan.model import Plan
from bailiwick.plan.switching import BridgePort, Management, Mirror, VlanBridge
from tests.targets.linux.router_plans import PLAN as ROUTER_PLAN

AT = (Span("home.yaml", 9, 3, 9, 9),)
LOOPBACK = IPv4Address("127.0.0.1")


def port(device: str, name: str, **more: Any) -> BridgePort:
    return BridgePort(f"bridge-port:{device}/{name}", name, AT, **more)


MANAGEMENT = Management(
    interface="mgmt0",
    vlan=10,
    address=IPv4Interface("192.168.10.2/24"),
    gateway=IPv4Address("192.168.10.1"),
    resolver=IPv4Address("192.168.10.1"),
)

PORTS = (
    port("hv", "ens1", tagged=(10, 20, 30), mac="52:54:00:00:00:01", end=("gate", "eth1")),
    port("hv", "ens2", untagged=30, isolated=True, path="pci-0000:02:00.0"),
    port("hv", "ens3", untagged=20, tagged=(30,)),
    port("hv", "ens4", end=("ids", "mirror")),
    port("hv", "tap-cloud", untagged=20, tap=True, end=("cloud", "eth0")),
    port("hv", "tap-tv", untagged=30, isolated=True, tap=True, end=("tv", "eth0")),
    port("hv", "tap-gate-lan", tagged=(10, 20, 30), tap=True, end=("gate", "lan")),
)

BRIDGE = VlanBridge(
    id="bridge:hv",
    device="hv",
    spans=AT,
    platform="debian-12",
    hypervisor=True,
    name="br0",
    ports=PORTS,
    management=MANAGEMENT,
    mirrors=(Mirror("mirror:hv/ens4", AT, ("ens1", "ens2"), "ens4"),),
    user="libvirt-qemu",
    timezone="Europe/Paris",
    domain="home.arpa",
)

CLOUD = GuestMachine(
    id="guest:cloud",
    name="cloud",
    spans=AT,
    hypervisor="hv",
    platform="debian-12",
    router=False,
    cpus=2,
    memory=2048,
    disk=20,
    display="none",
    listen=LOOPBACK,
    autostart=True,
    cards=(Card("eth0", "52:54:00:aa:00:05", tap="tap-cloud", address="192.168.20.5/24"),),
    address="192.168.20.5/24",
    gateway=IPv4Address("192.168.20.1"),
    resolver=IPv4Address("192.168.20.1"),
    timezone="Europe/Paris",
    domain="home.arpa",
)

GATE = GuestMachine(
    id="guest:gate",
    name="gate",
    spans=AT,
    hypervisor="hv",
    platform="debian-12",
    router=True,
    cpus=1,
    memory=1024,
    disk=4,
    display="spice",
    listen=IPv4Address("192.168.10.2"),
    autostart=True,
    cards=(
        Card("wan0", None, passthrough=Passthrough("usb", "0b95:1790")),
        Card("eth1", None, passthrough=Passthrough("pci", "0000:03:00.1")),
        Card("lan", "52:54:00:aa:00:01", tap="tap-gate-lan"),
    ),
    timezone="Europe/Paris",
    domain="home.arpa",
)

TV = replace(
    CLOUD,
    id="guest:tv",
    name="tv",
    display="vnc",
    autostart=False,
    cards=(Card("eth0", "52:54:00:aa:00:06", tap="tap-tv"),),
    address="",
    gateway=None,
    resolver=None,
)

GUESTS = (CLOUD, GATE, TV)

SWITCH = VlanBridge(
    id="bridge:sw",
    device="sw",
    spans=AT,
    platform="routeros",
    hypervisor=False,
    name="br0",
    ports=(
        port("sw", "ether1", tagged=(10, 40, 50), end=("gate", "eth2")),
        port("sw", "ether2", untagged=40),
        port("sw", "ether3", untagged=50, isolated=True),
        port("sw", "ether4", untagged=50, isolated=True),
        port("sw", "ether5", untagged=40, tagged=(50,)),
        port("sw", "ether6"),
    ),
    management=replace(MANAGEMENT, address=IPv4Interface("192.168.10.4/24")),
    timezone="Europe/Paris",
    domain="home.arpa",
)

PLAN: Plan = replace(ROUTER_PLAN, bridges=(SWITCH, BRIDGE), guests=GUESTS)
