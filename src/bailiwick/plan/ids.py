"""Names for the plan's nodes: from what a node means, never from where it stands."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256

from bailiwick.network.model import Match
from bailiwick.packets.packet import ICMP, TCP, UDP

INTERFACE_NAME_BYTES = 15
"""IFNAMSIZ less the final NUL (include/uapi/linux/if.h)."""

RESERVED_INTERFACES = frozenset({"lo", "all", "default"})
"""The loopback, and the two names that /proc/sys/net/ipv4/conf keeps for itself."""

_PROTOCOL_WORDS = {ICMP: "icmp", TCP: "tcp", UDP: "udp"}


def digest(text: str, length: int = 4) -> str:
    """The first hexadecimal characters of a stable hash."""
    return sha256(text.encode()).hexdigest()[:length]


def number(text: str, modulus: int) -> int:
    """A stable number below ``modulus``."""
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big") % modulus


def short(place: str | None) -> str:
    """A place as an id or a person says it: ``zone:lan`` is ``lan``, None (the box itself) ``router``."""
    return "router" if place is None else place.split(":", 1)[-1]


def way(ingress: str | None, egress: str | None) -> str:
    """``lan>services``."""
    return f"{short(ingress)}>{short(egress)}"


def match_words(match: Match) -> str:
    """``tcp/443``, ``udp/5000-5010``, ``icmp/8``, ``protocol/47``, ``any``."""
    if match.protocol is None:
        return "any"
    word = _PROTOCOL_WORDS.get(match.protocol)
    if word is None:
        return f"protocol/{match.protocol}"
    if match.icmp_type is not None:
        return f"{word}/{match.icmp_type}"
    if match.ports is None:
        return word
    first, last = match.ports
    return f"{word}/{first}" if first == last else f"{word}/{first}-{last}"


def interface_name(wanted: str, taken: Collection[str], meaning: str) -> str:
    """``wanted`` where the kernel and its neighbours allow it; else cut, with four characters of a hash.

    ``meaning`` feeds the hash, so that the name depends on nothing but what the interface stands for.
    """
    if len(wanted.encode()) <= INTERFACE_NAME_BYTES and wanted not in taken and wanted not in RESERVED_INTERFACES:
        return wanted
    salt = 0
    while True:
        tail = digest(f"{meaning}#{salt}" if salt else meaning)
        name = wanted.encode()[: INTERFACE_NAME_BYTES - len(tail) - 1].decode(errors="ignore") + "-" + tail
        if name not in taken:
            return name
        salt += 1
