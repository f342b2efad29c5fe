"""A guest's domain (libvirt, "Domain XML format"): which tap of its hypervisor each of its cards is wired to.

A tap that networkd made is opened and left as it is (``<interface type='ethernet'>`` with ``<target managed='no'>``).
What else would wire a guest, or let QEMU be told anything, is an unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from xml.parsers import expat

from bailiwick.dataplane.linux.draft import hidden
from bailiwick.dataplane.tally import Line
from bailiwick.dataplane.unreadable import Unreadable

_DOMAIN = frozenset(
    {"name", "uuid", "title", "description", "metadata", "memory", "currentMemory", "vcpu", "cputune", "os", "features"}
    | {"cpu", "clock", "on_poweroff", "on_reboot", "on_crash", "on_lockfailure", "pm", "devices", "memoryBacking"}
    | {"iothreads", "genid", "maxMemory", "seclabel", "resource", "blkiotune", "memtune", "numatune", "bootloader"}
)
_DEVICES = frozenset(
    {"emulator", "disk", "controller", "serial", "console", "parallel", "channel", "input", "graphics", "video"}
    | {"audio", "sound", "memballoon", "rng", "watchdog", "panic", "tpm", "filesystem", "interface", "hostdev"}
)
"""Devices that have nothing to do with the network, and the two that have."""
_CARD = frozenset({"mac", "target", "model", "alias", "address", "mtu", "driver", "boot", "rom", "acpi", "tune"})


@dataclass(frozen=True, slots=True)
class Nic:
    """A card of the guest; ``tap`` is the hypervisor's interface at the other end, ``name`` what the guest calls it."""

    mac: str
    tap: str
    line: Line
    name: str = ""


@dataclass(frozen=True, slots=True)
class Passed:
    """A card of the hypervisor that the guest has for itself: ``bus`` ``pci`` or ``usb``, ``address`` as lspci(8) and
    lsusb(8) say it."""

    bus: str
    address: str
    line: Line


@dataclass(frozen=True, slots=True)
class Domain:
    """``unknown`` pairs a line with what may wire the guest in a way that is not read here."""

    name: str
    line: Line
    nics: tuple[Nic, ...] = ()
    passed: tuple[Passed, ...] = ()
    unknown: tuple[tuple[Line, str], ...] = ()


@dataclass(slots=True)
class _Element:
    name: str
    attributes: Mapping[str, str]
    line: Line
    children: list[_Element] = field(default_factory=list)
    text: str = ""

    def child(self, *path: str) -> _Element | None:
        """The first along a path; None where there is none."""
        found: _Element | None = self
        for name in path:
            found = next((one for one in found.children if one.name == name), None) if found else None
        return found

    def get(self, attribute: str, *path: str) -> str:
        found = self.child(*path)
        return "" if found is None else found.attributes.get(attribute, "")


def read_guests(files: Mapping[str, str]) -> tuple[Domain, ...]:
    """Every guest of one hypervisor, by its files' absolute paths. Raises Unreadable.

    What a guest calls its cards is in the seed of its first start: ``match: {macaddress: …}`` with a name above.
    """
    found = []
    for file, text in sorted(files.items()):
        if place := _FILE.search(file):
            names = _names(files.get(f"{place[1]}/network-config", ""))
            domain = read_domain(text, file)
            found.append(replace(domain, nics=tuple(replace(nic, name=names.get(nic.mac, "")) for nic in domain.nics)))
    return tuple(found)


_FILE = re.compile(r"(.*/etc/bailiwick/guests/[^/]+)/domain\.xml$")
_SEEDED = re.compile(r'^  ([\w.-]+):\s*\n    match: \{macaddress: "([0-9A-Fa-f:]{17})"\}', re.MULTILINE)


def _names(seed: str) -> dict[str, str]:
    """By hardware address (cloud-init, "Networking config Version 2")."""
    return {mac.lower(): name for name, mac in _SEEDED.findall(seed)}


def read_domain(text: str, file: str) -> Domain:
    """Raises Unreadable for what is no well-formed domain, or defines entities of its own."""
    root = _parsed(text, file)
    name = root.child("name")
    if root.name != "domain" or name is None or not name.text.strip():
        raise Unreadable(str(root.line), "is no domain with a name")
    nics: list[Nic] = []
    passed: list[Passed] = []
    unknown = [(one.line, f"`{one.name}` is not known in a domain") for one in root.children if one.name not in _DOMAIN]
    for devices in (one for one in root.children if one.name == "devices"):
        for one in devices.children:
            if one.name == "interface":
                _nic(one, nics, unknown)
            elif one.name == "hostdev":
                _passed(one, passed, unknown)
            elif one.name not in _DEVICES:
                unknown.append((one.line, f"what the device `{one.name}` is wired to is not known"))
    return Domain(name.text.strip(), name.line, tuple(nics), tuple(passed), tuple(unknown))


def _nic(one: _Element, nics: list[Nic], unknown: list[tuple[Line, str]]) -> None:
    target = one.child("target")
    tap = one.get("dev", "target")
    if one.attributes.get("type") != "ethernet" or target is None or not tap:
        unknown.append((one.line, "a card that is wired to something else than a tap of the hypervisor"))
        return
    if target.attributes.get("managed", "yes") != "no":
        unknown.append((target.line, "libvirt would make this tap anew, in no zone"))
    unknown += [
        (child.line, f"`{child.name}` may change what the card sends")
        for child in one.children
        if child.name not in _CARD
    ]
    nics.append(Nic(one.get("address", "mac").lower(), tap, target.line))


def _passed(one: _Element, passed: list[Passed], unknown: list[tuple[Line, str]]) -> None:
    kind = one.attributes.get("type")
    if kind == "pci" and (place := one.child("source", "address")) is not None:
        numbers = [place.attributes.get(key, "0x0") for key in ("domain", "bus", "slot", "function")]
        try:
            domain, bus, slot, function = (int(number, 0) for number in numbers)
        except ValueError:
            unknown.append((place.line, "no address of a PCI card"))
            return
        passed.append(Passed("pci", f"{domain:04x}:{bus:02x}:{slot:02x}.{function:x}", place.line))
    elif kind == "usb" and one.child("source", "vendor") is not None:
        ids = (one.get("id", "source", "vendor"), one.get("id", "source", "product"))
        line = (one.child("source", "product") or one).line
        passed.append(Passed("usb", ":".join(number.lower().removeprefix("0x") for number in ids), line))
    else:
        unknown.append((one.line, "which card of the hypervisor this is cannot be told"))


def _parsed(text: str, file: str) -> _Element:
    lines = text.split("\n")
    stack: list[_Element] = []
    roots: list[_Element] = []
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        number = parser.CurrentLineNumber
        one = _Element(name, attributes, Line(file, number, hidden(lines[number - 1])))
        (stack[-1].children if stack else roots).append(one)
        stack.append(one)

    def end(_: str) -> None:
        stack.pop()

    def characters(data: str) -> None:
        if stack:
            stack[-1].text += data

    def doctype(*_: object) -> None:
        raise Unreadable(f"{file}:{parser.CurrentLineNumber}", "a domain has no document type, and no entities")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = characters, doctype
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise Unreadable(f"{file}:{error.lineno}", f"is not well-formed XML: {expat.ErrorString(error.code)}") from None
    return roots[0]
