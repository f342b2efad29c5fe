"""What a token may become: a few neighbours of its class, near enough that a careless proof would not notice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

ADDRESS = r"\d{1,3}(?:\.\d{1,3}){3}"
_MASKS = re.compile(r"(?:255|254|252|248|240|224|192|128|0)(?:\.(?:255|254|252|248|240|224|192|128|0)){3}")


@dataclass(frozen=True, slots=True)
class Names:
    """What stands in the files, to be mistaken for each other."""

    interfaces: Sequence[str]
    chains: Sequence[str] = ()
    sets: Sequence[str] = ()


def addresses(token: str) -> Iterator[tuple[str, str]]:
    """Pairs of class and text: a neighbour on each side, and the same host in another network."""
    value = int(IPv4Address(token))
    for other in (value - 1, value + 1):
        if 0 <= other < 1 << 32:
            yield "address", str(IPv4Address(other))
    yield "address elsewhere", str(IPv4Address(value ^ (10 << 8)))


def networks(address: str, length: str) -> Iterator[tuple[str, str]]:
    number = int(length)
    for other in (number - 1, number + 1):
        if 0 <= other <= 32:
            yield "prefix length", f"{address}/{other}"
    step = 1 << (32 - number)
    for value in (int(IPv4Address(address)) - step, int(IPv4Address(address)) + step):
        if 0 <= value < 1 << 32:
            yield "network", f"{IPv4Address(value)}/{number}"


def numbers(token: str, kind: str = "number") -> Iterator[tuple[str, str]]:
    for other in (int(token) - 1, int(token) + 1):
        if other >= 0:
            yield kind, str(other)


def others(token: str, all_: Sequence[str], kind: str, count: int = 2) -> Iterator[tuple[str, str]]:
    """The next ones in a list of names, around its end."""
    if token not in all_:
        return
    place = all_.index(token)
    for step in range(1, min(count + 1, len(all_))):
        yield kind, all_[(place + step) % len(all_)]
