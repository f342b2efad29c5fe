"""The fields of a packet as a device sees them while it decides, with their widths.

What a filter can look at: the header itself, where it enters and leaves, and what conntrack and marks add to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, IntFlag

IIF, OIF = "iif", "oif"
"""Numbers of interfaces; what they stand for is the analysis's own table."""
SOURCE, DESTINATION = "source", "destination"
PROTOCOL, SOURCE_PORT, DESTINATION_PORT = "protocol", "source_port", "destination_port"
ICMP_TYPE, ICMP_CODE = "icmp_type", "icmp_code"
TCP_FLAGS = "tcp_flags"
STATE, STATUS, DIRECTION = "state", "status", "direction"
MARK, CT_MARK = "mark", "ct_mark"
DYNAMIC = "dynamic"
"""0, or the number of the interface whose changing address the destination is: such an address is a symbol."""


class State(IntEnum):
    """What conntrack calls the packet (nf_conntrack_common.h)."""

    NEW = 0
    ESTABLISHED = 1
    RELATED = 2
    INVALID = 3
    UNTRACKED = 4


class Status(IntFlag):
    """Of a packet's connection."""

    DNAT = 1
    SNAT = 2
    CONFIRMED = 4


class Direction(IntEnum):
    ORIGINAL = 0
    REPLY = 1


def widths(family: int) -> Mapping[str, int]:
    """Field to width in bits, in the order that makes decision diagrams small; ``family`` is 4 or 6.

    The order is measured: what most rules agree on first, addresses late, the source port last.
    """
    address = {4: 32, 6: 128}[family]
    return {
        STATE: 3,
        DIRECTION: 1,
        STATUS: 3,
        PROTOCOL: 8,
        TCP_FLAGS: 8,
        IIF: 12,
        OIF: 12,
        MARK: 32,
        CT_MARK: 32,
        DYNAMIC: 4,
        SOURCE: address,
        DESTINATION: address,
        DESTINATION_PORT: 16,
        ICMP_TYPE: 8,
        ICMP_CODE: 8,
        SOURCE_PORT: 16,
    }
