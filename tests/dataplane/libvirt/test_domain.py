"""A guest's domain: its cards and their taps, what is passed through, and everything else that might wire it."""

from __future__ import annotations

import pytest

from bailiwick.dataplane.libvirt import Passed, read_domain, read_guests
from bailiwick.dataplane.unreadable import Unreadable

CARD = (
    '<interface type="ethernet"><mac address="52:54:00:AA:00:05"/><target dev="tap-cloud" managed="no"/>'
    '<model type="virtio"/></interface>'
)
DOMAIN = """\
<domain type="kvm">
  <name>cloud</name>
  <memory unit="MiB">1024</memory>
  {top}
  <devices>
    {devices}
  </devices>
</domain>
"""


def text(devices: str = CARD, top: str = "") -> str:
    return DOMAIN.format(devices=devices, top=top)


def test_a_card_is_wired_to_its_tap() -> None:
    found = read_domain(text(), "d.xml")
    (nic,) = found.nics
    assert (found.name, nic.mac, nic.tap) == ("cloud", "52:54:00:aa:00:05", "tap-cloud")
    assert str(nic.line) == "d.xml:6"
    assert not found.unknown


def test_the_seed_says_what_the_guest_calls_its_card() -> None:
    seed = 'version: 2\nethernets:\n  eth0:\n    match: {macaddress: "52:54:00:aa:00:05"}\n    set-name: eth0\n'
    files = {
        "/etc/bailiwick/guests/cloud/domain.xml": text(),
        "/etc/bailiwick/guests/cloud/network-config": seed,
        "/etc/bailiwick/guests/list": "cloud autostart 8 debian-13\n",
    }
    assert [nic.name for guest in read_guests(files) for nic in guest.nics] == ["eth0"]


def test_cards_of_the_hypervisor() -> None:
    pci = (
        '<hostdev mode="subsystem" type="pci" managed="yes"><source>'
        '<address domain="0x0000" bus="0x03" slot="0x00" function="0x1"/></source></hostdev>'
    )
    usb = '<hostdev type="usb"><source><vendor id="0x0b95"/><product id="0x1790"/></source></hostdev>'
    found = read_domain(text(pci + usb), "d.xml")
    line = found.passed[0].line
    assert found.passed == (Passed("pci", "0000:03:00.1", line), Passed("usb", "0b95:1790", line))


@pytest.mark.parametrize(
    ("devices", "top"),
    [
        ('<interface type="bridge"><source bridge="br0"/></interface>', ""),
        ('<interface type="network"><source network="default"/></interface>', ""),
        (CARD.replace(' managed="no"', ""), ""),
        (CARD.replace("<model", '<vlan><tag id="20"/></vlan><model'), ""),
        (CARD.replace("<model", '<filterref filter="open"/><model'), ""),
        ('<redirdev bus="usb"/>', ""),
        ('<hostdev type="mdev"><source/></hostdev>', ""),
        (CARD, '<qemu:commandline xmlns:qemu="q"><qemu:arg value="-netdev"/></qemu:commandline>'),
    ],
)
def test_what_else_may_wire_a_guest_is_unknown(devices: str, top: str) -> None:
    assert read_domain(text(devices, top), "d.xml").unknown


@pytest.mark.parametrize(
    "said",
    [
        "",
        "<domain>",
        "<network><name>x</name></network>",
        "<domain type='kvm'/>",
        '<!DOCTYPE d [<!ENTITY a "b">]><domain><name>&a;</name></domain>',
    ],
)
def test_what_is_no_domain_is_unreadable(said: str) -> None:
    with pytest.raises(Unreadable):
        read_domain(said, "d.xml")
