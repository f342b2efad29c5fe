"""One packet as a router's filter sees it: after destination NAT, before source NAT."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

ICMP, TCP, UDP = 1, 6, 17


@dataclass(frozen=True, slots=True)
class Packet:
    """The first packet of a connection.

    ``ingress`` and ``egress`` name where it enters and leaves: ``zone:lan``, ``uplink:wan``, ``router``, or
    ``unknown`` for an interface that nobody named. Ports are 0 where the protocol has none; ``icmp_type`` is 0
    outside ICMP. ``translated`` says that a destination NAT brought it here, and ``destination`` is then the
    address behind it.
    """

    ingress: str
    egress: str
    source: IPv4Address
    destination: IPv4Address
    protocol: int
    source_port: int = 0
    destination_port: int = 0
    icmp_type: int = 0
    translated: bool = False
