"""Services written out: ``tcp/8080``, ``udp/5000-5010``, ``icmp/echo-request``, ``esp``, ``proto/50``."""

from __future__ import annotations

from bailiwick.network.catalogue import ICMP_TYPES, PROTOCOLS
from bailiwick.network.model import Match
from bailiwick.packets.interval import PORT_MAX
from bailiwick.packets.packet import ICMP, TCP, UDP


class Unmatched(ValueError):
    """The text is no service; says why in one plain sentence."""


def inline(text: str) -> Match:
    """``tcp/80``, ``udp/1-10``, ``icmp/echo-request``, ``esp``, ``proto/50``. Raises Unmatched."""
    protocol, slash, rest = text.partition("/")
    if protocol == "proto":
        if not rest.isdecimal() or not 1 <= int(rest) <= 255:
            raise Unmatched(f"`{text}` is no IP protocol: numbers run from 1 to 255")
        return Match(int(rest))
    if protocol not in PROTOCOLS:
        raise Unmatched(f"`{text}` is no service")
    number = PROTOCOLS[protocol]
    if not slash:
        return Match(number)
    if number == ICMP:
        return Match(ICMP, icmp_type=_icmp_type(rest, text))
    if number not in {TCP, UDP}:
        raise Unmatched(f"`{text}` gives a port to a protocol that has none")
    first, dash, last = rest.partition("-")
    low = _port(first, text)
    high = _port(last, text) if dash else low
    if low > high:
        raise Unmatched(f"`{text}` runs backwards: write `{protocol}/{high}-{low}`")
    return Match(number, (low, high))


def _port(text: str, whole: str) -> int:
    if not text.isdecimal() or not text.isascii() or len(text) > 5 or not 1 <= int(text) <= PORT_MAX:
        raise Unmatched(f"`{whole}` has no port from 1 to {PORT_MAX} after the slash")
    return int(text)


def _icmp_type(text: str, whole: str) -> int:
    if text in ICMP_TYPES:
        return ICMP_TYPES[text]
    if text.isdecimal() and text.isascii() and len(text) <= 3 and int(text) <= 255:
        return int(text)
    raise Unmatched(f"`{whole}` is no ICMP type: a number or one of {', '.join(ICMP_TYPES)}")
