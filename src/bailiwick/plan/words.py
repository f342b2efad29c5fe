"""Sets of addresses and services in the words a person would use for them."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address

from bailiwick.language.span import Span
from bailiwick.network.model import Match
from bailiwick.network.special import PUBLIC
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.plan.ids import match_words, short
from bailiwick.plan.model import Plan

SHOWN = 4
"""How many ranges of a set stand in a line before the rest is counted."""


class Addresses:
    """Says sets of addresses; knows what a plan calls ``internet``."""

    def __init__(self, plan: Plan) -> None:
        home = IntervalSet.networks(plan.home_subnets)
        self._names = {EVERY_ADDRESS: "any", PUBLIC - home: "internet", home: "home"}
        for interface in plan.interfaces:
            if interface.place is not None and interface.place.startswith("zone:") and interface.address is not None:
                subnet = IntervalSet.networks((interface.address.network,))
                self._names[subnet] = short(interface.place)

    def say(self, addresses: IntervalSet) -> str:
        """``internet``, ``lan`` (all of the zone), ``192.168.40.0/28``, ``10.0.0.5, 10.0.0.9-10.0.0.12``."""
        known = self._names.get(addresses)
        if known is not None:
            return known
        parts = [ranged(span) for span in addresses.spans[:SHOWN]]
        more = len(addresses.spans) - SHOWN
        return ", ".join(parts) + (f" and {more} more" if more > 0 else "")


def ranged(span: tuple[int, int]) -> str:
    """One range of addresses: an address, a prefix where it is one, or both ends."""
    first, last = span
    size = last - first + 1
    if size == 1:
        return str(IPv4Address(first))
    if size & (size - 1) == 0 and first % size == 0:
        return f"{IPv4Address(first)}/{33 - size.bit_length()}"
    return f"{IPv4Address(first)}-{IPv4Address(last)}"


def services(matches: Iterable[Match]) -> tuple[str, ...]:
    """``tcp/80``, ``udp/5000-5010``; neighbouring protocol numbers and ICMP types as one range."""
    matches = tuple(matches)
    types = IntervalSet.of((m.icmp_type, m.icmp_type) for m in matches if m.icmp_type is not None)
    named = [m for m in matches if m.protocol in (ICMP, TCP, UDP) and m.icmp_type is None]
    others = {m.protocol for m in matches if m.protocol is not None} - {ICMP, TCP, UDP}
    whole = IntervalSet.of((p, p) for p in others)
    said = [match_words(m) for m in matches if m.protocol is None or m in named]
    said += [f"icmp/{a}" if a == b else f"icmp/{a}-{b}" for a, b in types.spans]
    return (*said, *(f"protocol/{a}" if a == b else f"protocol/{a}-{b}" for a, b in whole.spans))


def places(spans: Iterable[Span]) -> str:
    """``home.yaml:12, home.yaml:40``: where the home file asks for it."""
    return ", ".join(dict.fromkeys(f"{span.file}:{span.line}" for span in sorted(spans)))


def duration(seconds: int) -> str:
    """``12h``, ``90m``, ``45s``: the largest unit that leaves no rest."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
