"""Readings of addresses: IPv4, short and whole, networks, ranges, hardware addresses."""

from __future__ import annotations

import re
from ipaddress import IPv4Network
from typing import Any

from bailiwick.language.names import DOMAIN
from bailiwick.language.reading import DECIMAL, Unreadable, raw_text

_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5}")


def read_mac(raw: Any) -> str:
    """Lower case, parted by colons."""
    text = raw_text(raw)
    mac = text.lower()
    if not _MAC.fullmatch(mac):
        raise Unreadable("mac", f"`{text}` is not a hardware address.", "write six pairs, as `52:54:00:aa:00:05`")
    mac = mac.replace("-", ":")
    if int(mac[:2], 16) & 1:
        raise Unreadable("mac", f"`{text}` is a group address, which no single card has (IEEE 802).")
    if mac == "00:00:00:00:00:00":
        raise Unreadable("mac", "The hardware address is all zeros, which no card has.")
    return mac


_QUAD = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")


def _octets(text: str, whole: str) -> None:
    for octet in text.split("."):
        if len(octet) > 1 and octet[0] == "0":
            raise Unreadable(
                "address", f"`{whole}` has a part with a leading zero (`{octet}`), which some programs read as octal."
            )
        if len(octet) > 3 or int(octet) > 255:
            raise Unreadable("address", f"`{whole}` is no IPv4 address: {octet[:12]} is more than 255.")


_SHORT = re.compile(r"\.[0-9]+")


def _address(text: str, whole: str) -> bool:
    """Whether the text is a short or a whole IPv4 address; raises Unreadable for one that cannot be."""
    if _SHORT.fullmatch(text):
        _octets(text[1:], whole)
        return True
    if _QUAD.fullmatch(text):
        _octets(text, whole)
        return True
    return False


def is_address(text: str) -> bool:
    """Whether the text is a whole IPv4 address; raises Unreadable for one that cannot be."""
    return _address(text, text) and not text.startswith(".")


def read_address(raw: Any) -> str:
    """``.5``, ``192.0.2.1``, ``192.0.2.1/30``, ``dhcp``, or the name of a host: text still, resolved in its zone."""
    text = raw_text(raw)
    address, slash, prefix = text.partition("/")
    if _address(address, text):
        if slash and (not DECIMAL.fullmatch(prefix) or int(prefix) > 32):
            raise Unreadable("address", f"`{text}` has no prefix length from 0 to 32 after the slash.")
        return text
    if not slash and DOMAIN.fullmatch(text) and not text.replace(".", "").isdigit():
        return text
    if ":" in text:
        raise Unreadable("address", f"`{text}` looks like IPv6, which is `off` for now.", "write the IPv4 address")
    raise Unreadable("address", f"`{text}` is no IPv4 address.", "write `.5`, or the whole address as `192.168.40.5`")


def read_range(raw: Any) -> str:
    """Two addresses, short or whole; which is the larger is known in the zone."""
    text = raw_text(raw)
    first, dash, last = (part.strip() for part in text.partition("-"))
    if not (dash and _address(first, text) and _address(last, text)):
        raise Unreadable("range", f"`{text}` is not a range of addresses.", "write `.100-.199`")
    return f"{first}-{last}"


_CIDR = re.compile(r"([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)/([0-9]+)")


def read_cidr(raw: Any) -> IPv4Network:
    """Host bits must be zero."""
    text = raw_text(raw)
    match = _CIDR.fullmatch(text)
    if not match:
        help = f"write `{text}/24`" if _QUAD.fullmatch(text) else "write it as `192.168.40.0/24`"
        raise Unreadable("subnet", f"`{text}` is not an IPv4 network with a prefix length.", help)
    _octets(match[1], text)
    if not DECIMAL.fullmatch(match[2]) or int(match[2]) > 32:
        raise Unreadable("subnet", f"`{text}` has no prefix length from 0 to 32 after the slash.")
    network = IPv4Network(text, strict=False)
    if str(network) != text:
        raise Unreadable(
            "subnet", f"`{text}` is an address inside a network, not the network itself.", f"write `{network}`"
        )
    return network
