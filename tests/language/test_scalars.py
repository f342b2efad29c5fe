from __future__ import annotations

import ipaddress
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiwick.language import scalars
from bailiwick.language.scalars import Duration, Secret, Unreadable

READERS: list[Callable[[Any], Any]] = [getattr(scalars, name) for name in dir(scalars) if name.startswith("read_")]


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (scalars.read_flag, "no", False),
        (scalars.read_flag, "Yes", True),
        (scalars.read_flag, "off", False),
        (scalars.read_vlan, "1", 1),
        (scalars.read_vlan, "4094", 4094),
        (scalars.read_count, "0", 0),
        (scalars.read_mac, "52-54-00-AA-00-05", "52:54:00:aa:00:05"),
        (scalars.read_mac, "12:34:56:10:20:30", "12:34:56:10:20:30"),
        (scalars.read_address, ".10", ".10"),
        (scalars.read_address, "203.0.113.2/30", "203.0.113.2/30"),
        (scalars.read_address, "dhcp", "dhcp"),
        (scalars.read_range, ".100 - .199", ".100-.199"),
        (scalars.read_cidr, "10.8.0.0/16", IPv4Network("10.8.0.0/16")),
        (scalars.read_label, "no", "no"),
        (scalars.read_domain, "NAS.Lan.", "nas.lan"),
        (scalars.read_timezone, "Europe/Paris", "Europe/Paris"),
        (scalars.read_interface, "eth0.40", "eth0.40"),
        (scalars.read_port, "ap/uplink", "ap/uplink"),
        (scalars.read_option, "42", "42"),
        (scalars.read_secret, Secret("pppoe"), Secret("pppoe")),
        (scalars.read_names, ["a", "10.0.0.0/8"], ("a", "10.0.0.0/8")),
    ],
)
def test_what_is_read(read: Callable[[Any], Any], text: Any, value: Any) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (scalars.read_vlan, "0"),
        (scalars.read_vlan, "4095"),
        (scalars.read_vlan, "0755"),
        (scalars.read_vlan, "0x10"),
        (scalars.read_vlan, "1_0"),
        (scalars.read_vlan, "٤٠"),
        (scalars.read_count, "-1"),
        (scalars.read_count, "1.0"),
        (scalars.read_flag, "y"),
        (scalars.read_mac, "52:54:00:aa:00"),
        (scalars.read_mac, "52:54-00:aa:00:05"),
        (scalars.read_mac, "ff:ff:ff:ff:ff:ff"),
        (scalars.read_mac, "00:00:00:00:00:00"),
        (scalars.read_address, "192.168.300.1"),
        (scalars.read_address, "192.168.1"),
        (scalars.read_address, ".256"),
        (scalars.read_address, "10.0.0.1/33"),
        (scalars.read_address, "fe80::1"),
        (scalars.read_range, ".5"),
        (scalars.read_range, ".100-.300"),
        (scalars.read_cidr, "10.8.0.1/16"),
        (scalars.read_cidr, "10.8.0.0"),
        (scalars.read_cidr, "10.8.0.0/016"),
        (scalars.read_label, "Lan"),
        (scalars.read_label, "lan-"),
        (scalars.read_label, "a" * 33),
        (scalars.read_label, "3d"),
        (scalars.read_label, "lan\n"),
        (scalars.read_interface, "a" * 16),
        (scalars.read_interface, "eth0/1"),
        (scalars.read_interface, "eth 0"),
        (scalars.read_interface, ".."),
        (scalars.read_timezone, "Europe"),
        (scalars.read_timezone, "../etc/passwd"),
        (scalars.read_timezone, "posix/UTC"),
        (scalars.read_option, "255"),
        (scalars.read_secret, "hunter2"),
        (scalars.read_secret, Secret("../key")),
        (scalars.read_text, "a\nb"),
        (scalars.read_text, "a\x1b[2J"),
        (scalars.read_names, ["a b"]),
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
            scalars.read_address(text)
    else:
        assert scalars.read_address(text) == expected


@given(st.integers(0, (1 << 32) - 1), st.integers(0, 32))
def test_networks_agree_with_the_standard_library(address: int, prefix: int) -> None:
    text = f"{IPv4Address(address)}/{prefix}"
    network = IPv4Network(text, strict=False)
    if str(network) == text:
        assert scalars.read_cidr(text) == network
    else:
        with pytest.raises(Unreadable, match="inside a network") as caught:
            scalars.read_cidr(text)
        assert str(network) in caught.value.help
