"""One packet, and the connection that it belongs to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address

from bailiwick.packets.header import Direction, State, Status

Address = IPv4Address | IPv6Address

ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58
PORTS = frozenset({TCP, UDP, 33, 132, 136})
"""Protocols with ports: TCP, UDP, DCCP, SCTP, UDP-Lite."""
ANSWERS = {(ICMP, 8): 0, (ICMP, 13): 14, (ICMP, 15): 16, (ICMP, 17): 18, (ICMP6, 128): 129, (ICMP6, 139): 140}
"""Requests that conntrack knows an answer of (nf_conntrack_proto_icmp.c, nf_conntrack_proto_icmpv6.c)."""
SYN, SYN_ACK = 0x02, 0x12
NO_STATUS = Status(0)


@dataclass(frozen=True, slots=True)
class Header:
    """A packet as it comes to a device, or as it leaves it. ``iif`` None: the device sends it of its own.

    ``state`` is what conntrack will call it. ``status`` with ``CONFIRMED`` says that it is not its connection's first
    packet, so that no NAT chain sees it. Ports, ICMP type and flags are 0 where the protocol has none.
    ``dynamic`` names the interface whose changing address the destination is, ``dynamic_source`` the source.
    """

    source: Address
    destination: Address
    iif: str | None = None
    protocol: int = TCP
    source_port: int = 0
    destination_port: int = 0
    icmp_type: int = 0
    icmp_code: int = 0
    tcp_flags: int = 0
    state: State = State.NEW
    status: Status = NO_STATUS
    direction: Direction = Direction.ORIGINAL
    mark: int = 0
    ct_mark: int = 0
    dynamic: str | None = None
    dynamic_source: str | None = None

    @property
    def family(self) -> int:
        return self.destination.version

    @property
    def ends(self) -> Ends:
        return Ends(
            self.source, self.source_port, self.destination, self.destination_port, self.dynamic_source, self.dynamic
        )

    def __str__(self) -> str:
        if self.protocol in PORTS:
            what = f"{self.protocol}/{self.source_port}>{self.destination_port}"
        else:
            what = f"{self.protocol}" + (f" type {self.icmp_type}" if self.protocol in (ICMP, ICMP6) else "")
        return f"{self.iif or 'itself'}: {self.source} -> {self.destination} {what} {self.state.name.lower()}"


@dataclass(frozen=True, slots=True)
class Ends:
    """Who speaks with whom: one direction of a connection, as it is seen on one side of the device."""

    source: Address
    source_port: int
    destination: Address
    destination_port: int
    dynamic_source: str | None = None
    dynamic: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """What conntrack keeps: the first packet as it came, and as it left; an answer runs ``outside`` to ``inside``."""

    first: Ends
    left: Ends
    status: Status
    mark: int


def answer(first: Header, egress: str | None) -> Header:
    """The packet that answers ``first``, as it comes to the device from where that one went (``egress``).

    Raises ValueError for an ICMP type that nobody answers.
    """
    kind = first.icmp_type
    if first.protocol in (ICMP, ICMP6):
        if (first.protocol, kind) not in ANSWERS:
            raise ValueError(f"nobody answers ICMP type {kind}")
        kind = ANSWERS[first.protocol, kind]
    return replace(
        first,
        source=first.destination,
        destination=first.source,
        iif=egress,
        source_port=first.destination_port,
        destination_port=first.source_port,
        icmp_type=kind,
        tcp_flags=SYN_ACK if first.protocol == TCP else 0,
        state=State.ESTABLISHED,
        status=first.status | Status.CONFIRMED,
        direction=Direction.REPLY,
        mark=0,
        dynamic=first.dynamic_source,
        dynamic_source=first.dynamic,
    )
