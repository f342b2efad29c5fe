"""What the kernel says that a packet met: netlink's trace messages (nf_tables_trace.c), packet by packet."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.differential.frames import Seen, seen_parts

TABLE, CHAIN, HANDLE, TYPE, VERDICT, ID = 1, 2, 3, 4, 5, 6
NETWORK, TRANSPORT, IIF, OIF, MARK, FAMILY, POLICY = 8, 9, 10, 12, 14, 15, 16
BY_POLICY = 1  # NFT_TRACETYPE_POLICY
DROPPED = 0
OURS = "zz-trace"
"""The table that switches tracing on, and sees packets last of all."""

Place = tuple[str, str, int]
"""Table with its family, chain, and the rule's handle (0: its policy)."""


@dataclass(slots=True)
class Trace:
    """``met``: rules that matched and policies, in order. ``dropped``: the last of them ended the packet."""

    met: list[Place] = field(default_factory=list)
    dropped: bool = False
    delivered: Seen | None = None
    """As it reached the end of the input hook."""
    headers: list[Seen] = field(default_factory=list)
    """As each base chain got it."""


def switch(interfaces: Sequence[str]) -> str:
    """nft text of the table that traces."""
    hooks = f"devices = {{ {', '.join(interfaces)} }}"
    return f"""
table netdev {OURS} {{
	chain start {{ type filter hook ingress {hooks} priority -20000; policy accept; meta nftrace set 1; }}
}}
table inet {OURS} {{
	chain own {{ type filter hook output priority -20000; policy accept; meta nftrace set 1; }}
	chain end {{ type filter hook input priority 2147483640; policy accept; counter; }}
}}
"""


def traces(messages: Sequence[bytes]) -> dict[int, Trace]:
    """By serial; what is not ours is left out."""
    found: dict[int, Trace] = {}
    current: dict[bytes, Trace | None] = {}
    for message in messages:
        for attributes in _each(message):
            ident = attributes[ID]
            if NETWORK in attributes:
                packet = seen_parts(attributes[NETWORK], attributes.get(TRANSPORT, b""))
                if packet is None:
                    current[ident] = None
                else:
                    current[ident] = found.setdefault(packet.serial, Trace())
                    found[packet.serial].headers.append(packet)
            trace = current.get(ident)
            if trace is not None:
                _add(trace, attributes)
    return found


def _add(trace: Trace, attributes: dict[int, bytes]) -> None:
    table, chain = (attributes[key].rstrip(b"\0").decode() for key in (TABLE, CHAIN))
    kind = int.from_bytes(attributes[TYPE], "big")
    if table == OURS:
        if chain == "end" and trace.headers:
            trace.delivered = trace.headers[-1]
        return
    if kind != BY_POLICY and HANDLE not in attributes:  # the end of a chain that was jumped to
        return
    handle = int.from_bytes(attributes[HANDLE], "big") if kind != BY_POLICY else 0
    trace.met.append((table, chain, handle))
    if kind != BY_POLICY:
        trace.dropped = struct.unpack_from("!i", attributes[VERDICT], 4)[0] == DROPPED
    else:
        trace.dropped = int.from_bytes(attributes[POLICY], "big") == DROPPED


def _each(message: bytes) -> Iterator[dict[int, bytes]]:
    at = 0
    while at + 20 <= len(message):
        length = struct.unpack_from("=I", message, at)[0]
        yield _attributes(message, at + 20, at + length)
        at += (length + 3) & ~3


def _attributes(message: bytes, at: int, end: int) -> dict[int, bytes]:
    found = {}
    while at + 4 <= end:
        length, kind = struct.unpack_from("=HH", message, at)
        found[kind & 0x3FFF] = message[at + 4 : at + length]
        at += (length + 3) & ~3
    return found
