"""What the kernel says of a packet's way, read from netlink; and that asking leaves the rules as they were."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from ipaddress import IPv4Address

import pytest

from bailiwick.packets.packet import ICMP, TCP
from bailiwick.twin.stages.namespaces import ENVIRONMENT, command
from bailiwick.twin.wire.frames import Header, datagram
from bailiwick.twin.wire.trace import OURS, Met, Reading, handles

RULE, RETURN, POLICY = 2, 3, 1
A, B = IPv4Address("192.168.1.2"), IPv4Address("192.168.2.2")


def attribute(kind: int, data: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def message(ident: bytes, table: str, chain: str, *rest: int | bytes) -> bytes:
    """``rest``: the type, then a rule's handle, then the packet where this is a base chain's first message."""
    kind, handle, packet = (*rest, *(0, b"")[len(rest) - 1 :])
    assert isinstance(kind, int)
    assert isinstance(handle, int)
    assert isinstance(packet, bytes)
    parts = [attribute(1, table.encode() + b"\0"), attribute(2, chain.encode() + b"\0"), attribute(6, ident)]
    parts.append(attribute(4, struct.pack("!I", kind)))
    if handle:
        parts.append(attribute(3, struct.pack("!Q", handle)))
    if packet:
        parts += [attribute(8, packet[:20]), attribute(9, packet[20:40])]
    body = bytes(4) + b"".join(parts)
    return struct.pack("=IHHII", 16 + len(body), 0, 0, 0, 0) + body


def reading(*messages: bytes) -> dict[int, list[Met]]:
    found = Reading()
    found.take(b"".join(messages))
    return found.paths


def test_a_path_is_what_matched_in_order() -> None:
    packet = datagram(Header(A, B, TCP, 40000, 443), 7)
    paths = reading(
        message(b"aaaa", OURS, "prerouting", RULE, 3, packet),
        message(b"aaaa", OURS, "prerouting", POLICY),
        message(b"aaaa", "home", "forward", RULE, 9, packet),
        message(b"aaaa", "home", "lan.dmz", RETURN),
        message(b"aaaa", "home", "forward", POLICY),
    )

    assert paths == {7: [Met("home", "forward", 9), Met("home", "forward", 0)]}


def test_packets_that_are_told_of_at_once_are_kept_apart() -> None:
    first, second = (datagram(Header(A, B, ICMP, icmp_type=8), serial) for serial in (1, 2))
    paths = reading(
        message(b"aaaa", "home", "x", RULE, 1, first),
        message(b"bbbb", "home", "x", RULE, 2, second),
        message(b"aaaa", "home", "y", RULE, 3),
    )

    assert paths == {1: [Met("home", "x", 1), Met("home", "y", 3)], 2: [Met("home", "x", 2)]}


def test_a_packet_of_somebody_else_is_passed_by() -> None:
    other = datagram(Header(A, B, TCP, 40000, 443), 7)[:24] + bytes(16)
    assert reading(message(b"aaaa", "home", "x", RULE, 1, other), message(b"aaaa", "home", "y", RULE, 3)) == {}


def test_a_number_that_is_used_again_is_another_packets() -> None:
    ours, other = datagram(Header(A, B, TCP, 1, 2), 7), datagram(Header(A, B, TCP, 1, 2), 7)[:24] + bytes(16)
    paths = reading(
        message(b"aaaa", "home", "x", RULE, 1, ours),
        message(b"aaaa", "home", "y", RULE, 2, other),
        message(b"aaaa", "home", "z", RULE, 3),
    )

    assert paths == {7: [Met("home", "x", 1)]}


def test_rules_are_counted_in_their_chain() -> None:
    def rule(chain: str, handle: int) -> dict[str, object]:
        return {"rule": {"family": "inet", "table": "home", "chain": chain, "handle": handle}}

    listing: list[dict[str, object]] = [{"metainfo": {}}, rule("a", 4), rule("b", 5), rule("a", 9)]
    assert handles(listing) == {Met("home", "a", 4): 0, Met("home", "b", 5): 0, Met("home", "a", 9): 1}


INSIDE = """
import subprocess
from bailiwick.twin.scene.files import prepare
from bailiwick.twin.scene.namespaces import run, run_in, within
from bailiwick.twin.wire.trace import Tracing, forget_connections

def listed():
    return run_in("router", "nft", "list", "ruleset")

prepare()
run("ip", "netns", "add", "router")
run_in("router", "nft", "add table inet home")
run_in("router", "nft", "add chain inet home f { type filter hook forward priority 0; }")
run_in("router", "nft", "add rule inet home f accept")
before = listed()
with Tracing() as tracing:
    during = listed()
    tracing.listen(0.01)
forget_connections()
print(before == listed(), before in during or during.endswith(before), "nftrace" in during)
"""


@pytest.mark.real
def test_tracing_leaves_the_rules_as_they_were() -> None:
    stage = [*command()[:-2], "-c", INSIDE]
    environment = {**ENVIRONMENT, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(stage, capture_output=True, text=True, check=False, env=environment)

    assert done.stdout == "True True True\n", done.stderr
