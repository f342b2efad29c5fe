from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bailiwick.network.model import Passthrough
from bailiwick.plan.guests import Card, GuestMachine
from bailiwick.targets.libvirt.domain import domain, identity
from bailiwick.targets.libvirt.markup import element, lines, text
from tests.targets.hypervisor.machine_plans import CLOUD, GATE, GUESTS, TV


def tree(guest: GuestMachine) -> ElementTree.Element:
    return ElementTree.fromstring(domain(guest, "").text)


def attributes(guest: GuestMachine, path: str) -> list[dict[str, str]]:
    return [found.attrib for found in tree(guest).findall(path)]


def test_a_guest_has_what_the_home_file_gives_it() -> None:
    found = tree(GATE)
    assert found.findtext("name") == "gate"
    assert (found.findtext("vcpu"), found.findtext("memory")) == ("1", "1024")
    assert attributes(GATE, "memory") == [{"unit": "MiB"}]


def test_its_card_is_the_tap_that_is_there_already() -> None:
    assert attributes(CLOUD, "devices/interface") == [{"type": "ethernet"}]
    assert attributes(CLOUD, "devices/interface/target") == [{"dev": "tap-cloud", "managed": "no"}]
    assert attributes(CLOUD, "devices/interface/mac") == [{"address": "52:54:00:aa:00:05"}]
    assert attributes(CLOUD, "devices/interface/model") == [{"type": "virtio"}]


def test_cards_are_passed_through_by_what_lspci_and_lsusb_say() -> None:
    assert attributes(GATE, "devices/hostdev/source/address") == [
        {"domain": "0x0000", "bus": "0x03", "slot": "0x00", "function": "0x1"}
    ]
    assert attributes(GATE, "devices/hostdev/source/vendor") == [{"id": "0x0b95"}]
    assert attributes(GATE, "devices/hostdev/source/product") == [{"id": "0x1790"}]
    assert {"type": "usb", "model": "qemu-xhci"} in attributes(GATE, "devices/controller")
    assert {"type": "usb", "model": "none"} in attributes(CLOUD, "devices/controller")


@pytest.mark.parametrize(("guest", "kind", "address"), [(GATE, "spice", "192.168.10.2"), (TV, "vnc", "127.0.0.1")])
def test_a_display_is_bound_to_one_address(guest: GuestMachine, kind: str, address: str) -> None:
    [graphics] = attributes(guest, "devices/graphics")
    assert (graphics["type"], graphics["listen"]) == (kind, address)
    assert attributes(guest, "devices/graphics/listen") == [{"type": "address", "address": address}]


def test_without_a_display_there_is_the_serial_console_alone() -> None:
    assert attributes(CLOUD, "devices/graphics") == attributes(CLOUD, "devices/video") == []
    assert attributes(CLOUD, "devices/console") == [{"type": "pty"}]


def test_the_same_guest_is_the_same_machine_and_another_is_not() -> None:
    assert identity(CLOUD) == identity(replace(CLOUD, memory=1, domain="other.arpa"))
    assert len({identity(guest) for guest in (*GUESTS, replace(CLOUD, hypervisor="hv2"))}) == 4


@pytest.mark.parametrize(
    ("guest", "said"),
    [
        (replace(CLOUD, display="sdl"), "sdl"),
        (replace(CLOUD, cards=(Card("eth0", None, tap="tap-cloud"),)), "no MAC address"),
        (replace(CLOUD, cards=(Card("eth0", "52:54:00:aa:00:05"),)), "no tap"),
        (replace(CLOUD, cards=(Card("eth0", None, passthrough=Passthrough("isa", "0")),)), "isa"),
    ],
)
def test_what_no_domain_can_say_is_refused(guest: GuestMachine, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        domain(guest, "")


def test_text_and_attributes_are_read_back_as_they_were_given() -> None:
    given = "a<b>&\"c\"'d'"
    written = "\n".join(line.text for line in lines(element("x", text("y", given), z=given)))
    found = ElementTree.fromstring(written)
    assert (found.attrib["z"], found.findtext("y")) == (given, given)


@pytest.mark.parametrize("bad", ["a\nb", "a\x00b", "\x1b"])
def test_what_xml_cannot_hold_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="XML cannot hold"):
        lines(element("x", z=bad))
    with pytest.raises(ValueError, match="comment"):
        lines(element("x"), ("a -- b",))


@pytest.mark.real
@pytest.mark.skipif(shutil.which("virt-xml-validate") is None, reason="no virt-xml-validate (libvirt-clients)")
@pytest.mark.skipif(shutil.which("xmllint") is None, reason="no xmllint (libxml2-utils), which it runs")
@pytest.mark.parametrize("guest", GUESTS, ids=lambda guest: guest.name)
def test_libvirts_schema_takes_every_guest(guest: GuestMachine, tmp_path: Path) -> None:
    path = tmp_path / "domain.xml"
    for content, status in ((domain(guest, "").text, 0), (domain(guest, "").text.replace("vcpu", "vcpus"), 3)):
        path.write_text(content, encoding="utf-8")
        done = subprocess.run(["virt-xml-validate", str(path), "domain"], capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stdout + done.stderr
