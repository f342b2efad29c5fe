"""What the two examples resolve to, read from them by eye."""

from __future__ import annotations

from datetime import date
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from bailiwick.language import load
from bailiwick.network.model import Addressing, Passthrough, Place
from bailiwick.network.resolve import Resolution, resolve

EXAMPLES = Path(__file__).parents[2] / "examples"


def example(name: str) -> Resolution:
    return resolve(load(EXAMPLES / f"{name}.yaml"), date(2026, 6, 1))


@pytest.mark.parametrize("name", ["one-router", "public-apps", "router-vm"])
def test_examples_are_silent(name: str) -> None:
    assert example(name).warnings == ()


def test_one_router() -> None:
    network = example("one-router").network
    assert network.zones["lan"].gateway == IPv4Address("192.168.11.254")
    assert network.uplinks["wan"].addressing is Addressing.DHCP
    assert network.hosts["xperiaz1"].legs[0].reserved
    assert not network.hosts["nas"].legs[0].reserved
    assert network.resolver.place == Place.ROUTER
    assert network.resolver.records == {
        "bbox.lan": IPv4Address("192.168.1.1"),
        "files.lan": IPv4Address("192.168.11.210"),
        "nas.lan": IPv4Address("192.168.11.210"),
        "printer.lan": IPv4Address("192.168.11.220"),
        "router.lan": IPv4Address("192.168.11.254"),
        "xperiaz1.lan": IPv4Address("192.168.11.100"),
    }
    assert [p.id for p in network.policy] == [
        "policy:lan->internet:any",
        "policy:lan->modem:any",
        "policy:lan->router:icmp,ssh",
    ]


def test_public_apps() -> None:
    network = example("public-apps").network
    ports = {port.name: (port.untagged, port.tagged) for port in network.router.ports}
    assert ports == {
        "eth1": (None, ("mgmt", "services", "dmz")),
        "eth2": ("lan", ()),
        "eth3": ("mgmt", ("lan", "iot", "guest")),
    }
    assert [(port.name, port.tagged) for port in network.switches["hv"].ports] == [
        ("ens1", ("mgmt", "services", "dmz"))
    ]
    assert {host.name for host in network.hosts.values() if host.guest} == {"dns", "cloud", "torrent", "proxy"}
    assert [(link.a, link.b) for link in network.links] == [
        (("gate", "eth1"), ("hv", "ens1")),
        (("gate", "eth3"), ("ap", "uplink")),
    ]
    assert network.devices["ap"].ports == {"uplink": ("mgmt", ("lan", "iot", "guest"))}
    assert network.resolver.host == "dns"
    assert [route.uplink for route in network.routes_out] == ["uplink:ivpn"]
    assert network.exits() == (network.uplinks["wan"],)
    web = network.forwards[0]
    assert (web.place, web.address, web.uplinks) == ("zone:dmz", IPv4Address("192.168.30.5"), ("uplink:wan",))
    assert int(IPv4Address("104.16.0.1")) in web.sources
    assert int(IPv4Address("8.8.8.8")) not in web.sources
    assert network.resolver.records["api.example.com"] == web.address
    guest = network.zones["guest"]
    assert guest.isolate
    assert guest.force_dns
    assert network.policy[-1].id == "preset:guest->internet:any"
    assert [zone for zone in network.zones.values() if zone.reject] == [network.zones["lan"]]


def test_router_vm() -> None:
    network = example("router-vm").network
    guest = network.router.guest
    assert guest is not None
    assert (guest.hypervisor, guest.cpus, guest.memory, guest.disk, guest.display) == ("hv", 1, 1024, 4, "spice")
    assert guest.listen is None
    assert guest.cards == {"wan0": Passthrough("usb", "0b95:1790")}
    assert network.uplinks["wan"].port == "wan0"
    assert network.links == ()
    assert network.switches["hv"].zone == "lan"
