"""Who on the router listens where an uplink could reach it: a second look beside the filter, which stands before it."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.layout import ROUTER
from bailiwick.twin.result import Check
from bailiwick.twin.scene.namespaces import within

LISTENING, UNCONNECTED = "0A", "07"  # TCP_LISTEN and TCP_CLOSE (include/net/tcp_states.h), as /proc/net shows them
DHCP_SERVER, DHCP_CLIENT = 67, 68
"""A server hears broadcasts only on every address; a client asks on the uplink itself."""
EVERY_ADDRESS = IPv4Address(0)


def listeners(stage: Stage) -> Iterator[Check]:
    """One check. Played before anything of the twin's own listens on the router."""
    reachable = {EVERY_ADDRESS, *(line.address.ip for line in stage.layout.lines)}
    others = {("udp", port) for port in stage.router.tunnel_ports()}  # of the programs that make them
    found = sorted(
        f"{protocol} {address}:{port}"
        for protocol, address, port in sockets()
        if address in reachable and port not in (DHCP_SERVER, DHCP_CLIENT) and (protocol, port) not in others
    )
    subject = "sockets of the router that listen on an uplink's address or on every one"
    yield Check(subject, "none", ", ".join(found) or "none", not found)


def sockets() -> Iterator[tuple[str, IPv4Address, int]]:
    """(protocol, address, port) of each on the router that waits for whoever comes (proc_net_tcp.rst)."""
    with within(ROUTER):
        tables = {name: (Path("/proc/thread-self/net") / name).read_text() for name in ("tcp", "udp")}
    for protocol, state in (("tcp", LISTENING), ("udp", UNCONNECTED)):
        for line in tables[protocol].splitlines()[1:]:
            words = line.split()
            if words[3] == state:
                address, port = words[1].split(":")
                # The address is a word in the machine's own byte order.
                yield protocol, IPv4Address(socket.htonl(struct.unpack("!I", bytes.fromhex(address))[0])), int(port, 16)
