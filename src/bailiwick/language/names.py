"""Readings of names: of the home's own nouns, of interfaces and ports, of domains and time zones."""

from __future__ import annotations

import re
import zoneinfo
from typing import Any

from bailiwick.language.guess import did_you_mean
from bailiwick.language.reading import Secret, Unreadable, raw_text

_LABEL = re.compile(r"[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?")


def read_label(raw: Any) -> str:
    """A name of ours: it can be an nftables comment, a DNS label (RFC 1123) and part of a file's name."""
    text = raw_text(raw)
    if not _LABEL.fullmatch(text):
        raise Unreadable(
            "name-form",
            f"`{text}` cannot be a name: a name has 1 to 32 lower-case letters, digits and hyphens, "
            "starts with a letter and ends with no hyphen.",
            _instead(text),
        )
    return text


_ADDRESS = re.compile(r"(?:\d{1,3}(?:\.\d{1,3}){2})?\.\d{1,3}")
_WITH_PORT = re.compile(r"(?P<name>[a-z][a-z0-9-]*):\d+")


def _instead(text: str) -> str:
    if _ADDRESS.fullmatch(text):
        return "give the machine a name under `hosts:`, and write that"
    with_port = _WITH_PORT.fullmatch(text)
    if with_port:
        return f"write `{with_port['name']}`; a port has a key of its own"
    guess = re.sub(r"[^a-z0-9-]+", "-", text.lower()).strip("-")[:32].rstrip("-")
    return f"write `{guess}`" if _LABEL.fullmatch(guess) else ""


_OPTION = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


def read_option(raw: Any) -> str:
    """A DHCP option's name, or its number (RFC 2132: 0 and 255 are padding and end)."""
    text = raw_text(raw)
    if not _OPTION.fullmatch(text) or (text.isdigit() and not 1 <= int(text) <= 254):
        raise Unreadable(
            "dhcp-option", f"`{text}` is not a DHCP option: a name, or a number from 1 to 254.", "write `ntp-server`"
        )
    return text


_INTERFACE = re.compile(r"[A-Za-z0-9._@:-]{1,15}")


def read_interface(raw: Any) -> str:
    """A Linux interface name: at most 15 bytes (IFNAMSIZ less one), see dev_valid_name in net/core/dev.c."""
    text = raw_text(raw)
    if len(text.encode()) > 15:
        raise Unreadable("interface-name", f"`{text}` is too long: Linux allows 15 bytes for an interface's name.")
    if not _INTERFACE.fullmatch(text) or ":" in text or text in {".", ".."}:
        raise Unreadable(
            "interface-name", f"`{text}` cannot be an interface's name: letters, digits, `.`, `_`, `-` and `@` alone."
        )
    return text


_PORT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:-]{0,31}")


def read_port_name(raw: Any) -> str:
    """What is printed beside a device's socket."""
    text = raw_text(raw)
    if not _PORT_NAME.fullmatch(text):
        raise Unreadable("port-name", f"`{text}` cannot be a port's name: letters, digits, `.`, `_` and `-` alone.")
    return text


def read_port(raw: Any) -> str:
    """``device/port`` or ``port``."""
    text = raw_text(raw)
    device, slash, port = text.rpartition("/")
    if (slash and not _LABEL.fullmatch(device)) or not _PORT_NAME.fullmatch(port):
        raise Unreadable("port", f"`{text}` is not a port.", "write `device/port`, as `switch/1` or `router/eth1`")
    return text


DOMAIN = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)*"
)


def read_domain(raw: Any) -> str:
    """Lower case, without the root's dot (RFC 1123 §2.1; an underscore as RFC 8552 has it)."""
    text = raw_text(raw)
    name = text.lower().removesuffix(".")
    if not DOMAIN.fullmatch(name):
        raise Unreadable("domain-name", f"`{text}` is not a domain name.", "write it as `files.home.arpa`")
    return name


_TIMEZONE = re.compile(r"(?!posix/|right/)[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")


def _timezone_known(text: str) -> bool:
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, OSError):  # a folder of the database answers with an OSError
        return False
    return True


def read_timezone(raw: Any) -> str:
    """A name of the IANA database that this machine or the tzdata package holds."""
    text = raw_text(raw)
    if not _TIMEZONE.fullmatch(text) or not _timezone_known(text):
        known = zoneinfo.available_timezones()
        hint = did_you_mean(text, known) if known else "install tzdata: this machine holds no time zones"
        raise Unreadable("timezone", f"`{text}` is not a time zone of the IANA database.", hint)
    return text


def read_secret(raw: Any) -> Secret:
    """Only ever ``!secret NAME``."""
    if not isinstance(raw, Secret):
        raise Unreadable(
            "secret-inline",
            "A password never stands in the home file.",
            "write `!secret NAME`, and put the value into the secret store under that name",
        )
    if not _LABEL.fullmatch(raw.name):
        raise Unreadable("name-form", f"`{raw.name}` cannot be a secret's name.", "write it as `!secret pppoe`")
    return raw


_WORD = re.compile(r"[A-Za-z0-9._/*:@+-]+")


_GLUE = frozenset({"and", "or", "&", "+", "|"})


def names_in(text: str) -> list[str]:
    """The names in a text that parts them by anything: spaces, semicolons, ``and``."""
    return [word for word in re.split(r"[\s,;]+", text) if word and word.lower() not in _GLUE]


def check_word(text: str) -> None:
    """Raises Unreadable unless the text can be one name of a list: a name, address, network or service."""
    if not text:
        raise Unreadable("list-empty", "A name is missing between the commas.")
    if not _WORD.fullmatch(text):
        if len(text.split()) > 1:
            raise Unreadable(
                "list-separator",
                f"`{text}` has spaces in it: names are parted by commas.",
                f"write `{', '.join(names_in(text))}`",
            )
        raise Unreadable("name-form", f"`{text}` cannot be a name.")


def read_names(raw: Any) -> tuple[str, ...]:
    """The reader hands over a list of single names, however it was written."""
    names = [raw_text(name) for name in raw] if isinstance(raw, list) else [raw_text(raw)]
    for name in names:
        check_word(name)
    return tuple(names)


_OPEN_VSWITCH = re.compile(r"(?i)ovs|open-?v-?switch|openvswitch")


def _refuse_open_vswitch(text: str) -> None:
    if _OPEN_VSWITCH.match(text):
        raise Unreadable(
            "open-vswitch",
            f"`{text}` is Open vSwitch, which is not set up here.",
            "the kernel's own bridge filters VLANs: write `hypervisor: linux`, and no word on the bridge",
        )


def read_hypervisor(raw: Any) -> str:
    """``linux``: KVM with libvirt, its guests on the kernel's VLAN-aware bridge."""
    text = raw_text(raw)
    _refuse_open_vswitch(text)
    if text != "linux":
        raise Unreadable(
            "hypervisor-kind", f"`{text}` is no hypervisor that is set up here.", "write `hypervisor: linux`"
        )
    return text


def read_bridge(raw: Any) -> str:
    """The name of the kernel's bridge; one that belongs to Open vSwitch is refused."""
    text = read_interface(raw)
    _refuse_open_vswitch(text)
    return text


_PCI = re.compile(r"pci (?:([0-9a-fA-F]{4}):)?([0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7])")
_USB = re.compile(r"usb ([0-9a-fA-F]{4}:[0-9a-fA-F]{4})")


def read_card(raw: Any) -> str:
    """``pci 0000:03:00.0`` as lspci(8) says it (the domain may be left out), ``usb 0b95:1790`` as lsusb(8) does."""
    text = " ".join(raw_text(raw).split())
    if match := _PCI.fullmatch(text):
        return f"pci {match[1] or '0000'}:{match[2]}".lower()
    if match := _USB.fullmatch(text):
        return f"usb {match[1]}".lower()
    raise Unreadable(
        "card-form",
        f"`{text}` is no card of a machine.",
        "write `pci 0000:03:00.0` (`lspci -D` lists them) or `usb 0b95:1790` (`lsusb`)",
    )
