"""What a router hands out and answers, addresses by DHCP and names: no packet's fate, but every client's."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from bailiwick.dataplane.tally import Line


@dataclass(frozen=True, slots=True)
class DhcpServer:
    """On one interface. ``pools`` are first and last address; none: those who have a reservation alone.

    ``lease`` in seconds; None where nothing is said.
    """

    name: str
    interface: str
    pools: tuple[tuple[IPv4Address, IPv4Address], ...]
    lease: int | None
    line: Line


@dataclass(frozen=True, slots=True)
class DhcpOption:
    """What a client that asks for the option ``number`` hears; ``forced``: others hear it as well."""

    number: int
    value: bytes
    forced: bool
    line: Line


@dataclass(frozen=True, slots=True)
class DhcpNetwork:
    """What clients with an address of ``subnet`` are told. ``options`` are those that no other field holds."""

    subnet: IPv4Network
    gateways: tuple[IPv4Address, ...]
    resolvers: tuple[IPv4Address, ...]
    clocks: tuple[IPv4Address, ...]
    domain: str
    line: Line
    options: tuple[DhcpOption, ...] = ()


@dataclass(frozen=True, slots=True)
class Reservation:
    """``server`` is the name of the server that keeps it; ``all`` is every one. ``mac`` in lower case."""

    server: str
    address: IPv4Address
    mac: str
    line: Line


@dataclass(frozen=True, slots=True)
class Name:
    """A name that is answered with an address; in lower case, fully qualified."""

    name: str
    address: IPv4Address
    line: Line


@dataclass(frozen=True, slots=True)
class Handouts:
    """``answers``: whether clients may ask for names. ``upstreams`` are asked for those that are not among ``names``.

    ``doubts`` are lines whose meaning cannot be told, and why: with any, the rest may not be all.
    """

    servers: tuple[DhcpServer, ...] = ()
    networks: tuple[DhcpNetwork, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    names: tuple[Name, ...] = ()
    answers: bool = False
    upstreams: tuple[IPv4Address, ...] = ()
    resolver: Line | None = None
    doubts: tuple[tuple[Line, str], ...] = ()
