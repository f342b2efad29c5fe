from __future__ import annotations

import ipaddress
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiwick.language import addresses, names, quantities, reading
from bailiwick.language.quantities import Duration
from bailiwick.language.reading import Secret, Unreadable

READERS: list[Callable[[Any], Any]] = [
    getattr(module, name)
    for module in (addresses, names, quantities, reading)
    for name in dir(module)
    if name.startswith("read_")
]


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (quantities.read_flag, "no", False),
        (quantities.read_flag, "Yes", True),
        (quantities.read_flag, "off", False),
        (quantities.read_vlan, "1", 1),
        (quantities.read_vlan, "4094", 4094),
        (quantities.read_count, "0", 0),
        (addresses.read_mac, "52-54-00-AA-00-05", "52:54:00:aa:00:05"),
        (addresses.read_mac, "12:34:56:10:20:30", "12:34:56:10:20:30"),
        (addresses.read_address, ".10", ".10"),
        (addresses.read_address, "203.0.113.2/30", "203.0.113.2/30"),
        (addresses.read_address, "dhcp", "dhcp"),
        (addresses.read_range, ".100 - .199", ".100-.199"),
        (addresses.read_cidr, "10.8.0.0/16", IPv4Network("10.8.0.0/16")),
        (names.read_label, "no", "no"),
        (names.read_domain, "NAS.Lan.", "nas.lan"),
        (names.read_timezone, "Europe/Paris", "Europe/Paris"),
        (names.read_interface, "eth0.40", "eth0.40"),
        (names.read_port, "ap/uplink", "ap/uplink"),
        (names.read_option, "42", "42"),
        (names.read_secret, Secret("pppoe"), Secret("pppoe")),
        (names.read_names, ["a", "10.0.0.0/8"], ("a", "10.0.0.0/8")),
    ],
)
def test_what_is_read(read: Callable[[Any], Any], text: Any, value: Any) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (quantities.read_vlan, "0"),
        (quantities.read_vlan, "4095"),
        (quantities.read_vlan, "0755"),
        (quantities.read_vlan, "0x10"),
        (quantities.read_vlan, "1_0"),
        (quantities.read_vlan, "٤٠"),
        (quantities.read_count, "-1"),
        (quantities.read_count, "1.0"),
        (quantities.read_flag, "y"),
        (addresses.read_mac, "52:54:00:aa:00"),
        (addresses.read_mac, "52:54-00:aa:00:05"),
        (addresses.read_mac, "ff:ff:ff:ff:ff:ff"),
        (addresses.read_mac, "00:00:00:00:00:00"),
        (addresses.read_address, "192.168.300.1"),
        (addresses.read_address, "192.168.1"),
        (addresses.read_address, ".256"),
        (addresses.read_address, "10.0.0.1/33"),
        (addresses.read_address, "fe80::1"),
        (addresses.read_range, ".5"),
        (addresses.read_range, ".100-.300"),
        (addresses.read_cidr, "10.8.0.1/16"),
        (addresses.read_cidr, "10.8.0.0"),
        (addresses.read_cidr, "10.8.0.0/016"),
        (names.read_label, "Lan"),
        (names.read_label, "lan-"),
        (names.read_label, "a" * 33),
        (names.read_label, "3d"),
        (names.read_label, "lan\n"),
        (names.read_interface, "a" * 16),
        (names.read_interface, "eth0/1"),
        (names.read_interface, "eth 0"),
        (names.read_interface, ".."),
        (names.read_timezone, "Europe"),
        (names.read_timezone, "../etc/passwd"),
        (names.read_timezone, "posix/UTC"),
        (names.read_option, "255"),
        (names.read_secret, "hunter2"),
        (names.read_secret, Secret("../key")),
        (reading.read_text, "a\nb"),
        (reading.read_text, "a\x1b[2J"),
        (names.read_names, ["a b"]),
    ],
)
def test_what_is_refused(read: Callable[[Any], Any], text: Any) -> None:
    with pytest.raises(Unreadable) as caught:
        read(text)
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("12h", 43200), ("2d", 172800), ("1w", 604800)]
)
def test_durations(text: str, seconds: int) -> None:
    assert Duration.parse(text) == seconds
    assert Duration.parse(str(Duration.parse(text))) == seconds


@given(st.integers(min_value=1, max_value=(1 << 32) - 1))
def test_a_duration_reads_back(seconds: int) -> None:
    if seconds < 10**9:
        assert Duration.parse(str(Duration(seconds))) == seconds


@given(st.one_of(st.text(), st.from_regex(r"[0-9a-fA-F:./-]{0,20}"), st.just(Secret("x")), st.lists(st.text())))
def test_readings_answer_or_say_why(raw: Any) -> None:
    """Any raw value at all: a value, or Unreadable with words, and never another exception."""
    for read in READERS:
        try:
            read(raw)
        except Unreadable as why:
            assert why.code
            assert why.message


@given(st.from_regex(r"\A[0-9]{1,3}(\.[0-9]{1,3}){3}\Z"))
def test_addresses_agree_with_the_standard_library(text: str) -> None:
    try:
        expected = str(IPv4Address(text))
    except ipaddress.AddressValueError:
        with pytest.raises(Unreadable):
            addresses.read_address(text)
    else:
        assert addresses.read_address(text) == expected


@given(st.integers(0, (1 << 32) - 1), st.integers(0, 32))
def test_networks_agree_with_the_standard_library(address: int, prefix: int) -> None:
    text = f"{IPv4Address(address)}/{prefix}"
    network = IPv4Network(text, strict=False)
    if str(network) == text:
        assert addresses.read_cidr(text) == network
    else:
        with pytest.raises(Unreadable, match="inside a network") as caught:
            addresses.read_cidr(text)
        assert str(network) in caught.value.help


@pytest.mark.parametrize(
    ("text", "memory"), [("512", 512), ("512M", 512), ("2G", 2048), ("2GiB", 2048), ("1T", 1048576)]
)
def test_memory_is_in_mebibytes(text: str, memory: int) -> None:
    assert quantities.read_memory(text) == memory


@pytest.mark.parametrize(("text", "disk"), [("20", 20), ("20G", 20), ("1T", 1024), ("500M", 1), ("1025M", 2)])
def test_a_disk_is_in_gibibytes_and_never_smaller_than_said(text: str, disk: int) -> None:
    assert quantities.read_disk(text) == disk


@pytest.mark.parametrize("text", ["0", "-1", "1.5G", "2g", "2 G", "G", "2K", "2T", "0x10", "٢"])
def test_no_amount_of_memory(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        quantities.read_memory(text)
    assert caught.value.code == "memory-size"


@pytest.mark.parametrize(
    ("text", "card"),
    [
        ("pci 0000:03:00.0", "pci 0000:03:00.0"),
        ("pci 03:00.0", "pci 0000:03:00.0"),
        ("pci 0001:0A:1f.7", "pci 0001:0a:1f.7"),
        ("usb 0B95:1790", "usb 0b95:1790"),
        ("usb  0b95:1790", "usb 0b95:1790"),
    ],
)
def test_cards_are_read_as_the_listings_say_them(text: str, card: str) -> None:
    assert names.read_card(text) == card


@pytest.mark.parametrize("text", ["eth4", "03:00.0", "pci 03:00", "pci 03:00.8", "usb 0b95", "usb 0b95:1790:1", "pci"])
def test_no_card(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        names.read_card(text)
    assert caught.value.code == "card-form"


@pytest.mark.parametrize("text", ["ovs", "OVS", "openvswitch", "open-vswitch", "Open vSwitch".replace(" ", "-")])
def test_open_vswitch_is_recognised(text: str) -> None:
    for read in (names.read_hypervisor, names.read_bridge):
        with pytest.raises(Unreadable) as caught:
            read(text)
        assert caught.value.code == "open-vswitch"


def test_a_bridge_may_be_called_anything_else() -> None:
    assert names.read_bridge("br-home") == "br-home"
