"""Addresses as people write them, written out: ``.5`` inside a zone, networks and ranges in sentences."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from bailiwick.packets.interval import IntervalSet


class Unclear(ValueError):
    """The text is no address here; says why in one plain sentence."""


def complete(text: str, subnet: IPv4Network) -> IPv4Address:
    """A whole address, or ``.5`` with the subnet's first three parts before it.

    Short forms are refused in subnets wider than a /24, where the third part is not fixed. Raises Unclear.
    """
    if text.startswith("."):
        if subnet.prefixlen < 24:
            raise Unclear(f"`{text}` could be many addresses in {subnet}: write the whole address")
        text = f"{str(subnet.network_address).rpartition('.')[0]}{text}"
    return whole(text)


def whole(text: str) -> IPv4Address:
    """Raises Unclear."""
    if text.startswith("."):
        raise Unclear(f"`{text}` is short for an address in a zone, and no zone is known here: write the whole address")
    try:
        return IPv4Address(text)
    except ValueError:
        raise Unclear(f"`{text}` is no IPv4 address") from None


def pool(text: str, subnet: IPv4Network) -> tuple[IPv4Address, IPv4Address]:
    """``.100-.199`` or two whole addresses, as they stand: perhaps reversed. Raises Unclear."""
    first, _, last = text.partition("-")
    return complete(first.strip(), subnet), complete(last.strip(), subnet)


def looks_numeric(text: str) -> bool:
    """Whether a name in a sentence can only be meant as an address, a range or a network."""
    return text[:1].isdigit() or text.startswith(".")


def addresses(text: str) -> IntervalSet:
    """``192.168.50.7``, ``192.168.50.0/28`` or ``192.168.50.7-192.168.50.9``. Raises Unclear."""
    first, dash, last = text.partition("-")
    if dash:
        low, high = whole(first.strip()), whole(last.strip())
        if low > high:
            raise Unclear(f"`{text}` runs backwards: {high} comes before {low}")
        return IntervalSet.span(int(low), int(high))
    if "/" not in text:
        return IntervalSet.single(int(whole(text)))
    try:
        return IntervalSet.networks([IPv4Network(text)])
    except ValueError:
        pass
    try:
        network = IPv4Network(text, strict=False)
    except ValueError:
        raise Unclear(f"`{text}` is no IPv4 network") from None
    raise Unclear(f"`{text}` is an address inside a network, not the network itself: write {network}")
