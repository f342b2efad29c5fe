"""What the router listens on, said or unsaid."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from bailiwick.dataplane.model import Listener
from tests.dataplane.routeros.exports import read

LISTS = (
    "/interface list\nadd name=LAN\n/interface list member\nadd list=LAN interface=bridge\n"
    "/ip address\nadd address=10.0.0.1/24 interface=bridge\nadd address=10.0.1.1/24 interface=ether1\n"
)


def found(text: str, name: str) -> list[Listener]:
    return [one for one in read(text).listeners if one.name == name]


def test_what_is_on_unless_an_export_says_otherwise() -> None:
    assert {(one.name, one.protocol, one.port) for one in read("").listeners} == {
        ("telnet", 6, 23),
        ("ftp", 6, 21),
        ("www", 6, 80),
        ("ssh", 6, 22),
        ("api", 6, 8728),
        ("winbox", 6, 8291),
        ("api-ssl", 6, 8729),
        ("bandwidth test", 6, 2000),
        ("bandwidth test", 17, 2000),
        ("neighbour discovery", 17, 5678),
        ("MAC telnet", 17, 20561),
        ("MAC WinBox", 17, 20561),
    }


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("/ip service\nset telnet disabled=yes", "telnet"),
        ("/ip service\nset [find name=api] disabled=yes", "api"),
        ("/ip service\ndisable ftp,www", "www"),
        ("/tool bandwidth-server\nset enabled=no", "bandwidth test"),
        ("/tool mac-server\nset allowed-interface-list=none", "MAC telnet"),
        ("/ip neighbor discovery-settings\nset discover-interface-list=none", "neighbour discovery"),
        ("/ip neighbor discovery-settings\nset discover-interface-list=!all", "neighbour discovery"),
    ],
)
def test_what_is_switched_off(text: str, name: str) -> None:
    assert found("", name)
    assert not found(text, name)


@pytest.mark.parametrize(
    ("text", "name", "protocol", "port"),
    [
        ("/ip service\nset www-ssl disabled=no", "www-ssl", 6, 443),
        ("/ip service\nset ssh port=2222", "ssh", 6, 2222),
        ("/ip dns\nset allow-remote-requests=yes", "DNS", 17, 53),
        ("/ip proxy\nset enabled=yes port=3128", "web proxy", 6, 3128),
        ("/ip socks\nset enabled=yes", "SOCKS proxy", 6, 1080),
        ("/snmp\nset enabled=yes", "SNMP", 17, 161),
        ("/system ntp server\nset enabled=yes", "NTP", 17, 123),
        ("/interface l2tp-server server\nset enabled=yes", "L2TP server", 17, 1701),
        ("/interface l2tp-server server\nset enabled=yes use-ipsec=yes", "IPsec", 17, 4500),
        ("/interface ovpn-server server\nset enabled=yes port=49100", "OpenVPN server", 6, 49100),
        ("/interface ovpn-server server\nadd name=a protocol=udp", "OpenVPN server", 17, 1194),
        ("/interface wireguard\nadd name=wg listen-port=51820", "WireGuard wg", 17, 51820),
        ("/ip dhcp-server\nadd interface=bridge name=a", "DHCP", 17, 67),
        ("/caps-man manager\nset enabled=yes", "CAPsMAN", 17, 5246),
    ],
)
def test_what_is_switched_on(text: str, name: str, protocol: int, port: int) -> None:
    assert (protocol, port) in {(one.protocol, one.port) for one in found(text, name)}
    assert not found("", name) or name == "ssh"


def test_whom_a_service_answers_and_where() -> None:
    ssh_for = "/ip service\nset ssh address=10.0.0.0/24,192.168.1.5\n"
    text = f"{LISTS}{ssh_for}/tool mac-server\nset allowed-interface-list=LAN\n"
    (ssh,) = found(text, "ssh")
    assert ssh.sources == (ip_network("10.0.0.0/24"), ip_network("192.168.1.5/32"))
    assert ssh.line is not None
    assert found(text, "MAC telnet")[0].interfaces == frozenset({"bridge"})
    away = f"{LISTS}/ip neighbor discovery-settings\nset discover-interface-list=!LAN\n"
    assert found(away, "neighbour discovery")[0].interfaces == frozenset({"lo", "ether1"})
