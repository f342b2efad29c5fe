"""IPv6 off, held against the running router: no address, nobody listening, and real packets that get nowhere."""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from ipaddress import IPv6Address
from pathlib import Path

from bailiwick.claims.wording import place_words
from bailiwick.twin.layout import ROUTER, Layout, Station
from bailiwick.twin.result import Check
from bailiwick.twin.scene.namespaces import within
from bailiwick.twin.wire.frames import checksum
from bailiwick.twin.wire.patience import looks

ETH_P_IPV6 = 0x86DD  # linux/if_ether.h
ICMPV6, ECHO = 58, 128
MARK = b"bailiwick-ipv6"
SENDER = IPv6Address("fe80::b4")
STRANGER = IPv6Address("2001:db8::b4")
ALL_NODES, BEYOND = IPv6Address("ff02::1"), IPv6Address("2620:fe::9")
SOCKETS = ("tcp6", "udp6", "raw6")


def ipv6_closed(
    layout: Layout, router_macs: Mapping[str, str], patience: float, others: Collection[int] = ()
) -> tuple[Check, ...]:
    """One check on addresses, one on sockets, and one for each place from which packets were sent. ``others`` are UDP
    ports on which another program's tunnels listen, by every family."""
    return (*_quiet(others), *_unanswered(layout, router_macs, patience))


def _quiet(others: Collection[int]) -> Iterator[Check]:
    with within(ROUTER):
        net = Path("/proc/thread-self/net")
        addresses = net / "if_inet6"
        held = addresses.read_text().split("\n")[:-1] if addresses.exists() else []
        listening = [name for name in SOCKETS if (net / name).exists() and _open(net / name, others)]
    names = sorted({line.split()[-1] for line in held})
    yield Check("IPv6 addresses of the router", "none", f"on {', '.join(names)}" if names else "none", not names)
    yield Check("IPv6 sockets of the router", "none", ", ".join(listening) or "none", not listening)


def _open(table: Path, others: Collection[int]) -> bool:
    """Whether it shows a socket (proc_net_tcp.rst) on another port than those."""
    ports = {int(line.split()[1].rpartition(":")[2], 16) for line in table.read_text().splitlines()[1:]}
    return bool(ports - set(others if table.name == "udp6" else ()))


def _unanswered(layout: Layout, router_macs: Mapping[str, str], patience: float) -> Iterator[Check]:
    """An echo to every node of the link, and one that would have to be forwarded, from each station."""
    with ExitStack() as stack:
        wires = {station.name: stack.enter_context(_wire(station)) for station in layout.stations}
        with within(ROUTER):
            control = stack.enter_context(
                socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, socket.htons(ETH_P_IPV6))
            )
        for number, station in enumerate(layout.stations):
            mark = MARK + struct.pack("!H", number)
            router = router_macs[station.interface]
            wires[station.name].send(_echo(station.mac, "33:33:00:00:00:01", SENDER, ALL_NODES, mark))
            wires[station.name].send(_echo(station.mac, router, STRANGER, BEYOND, mark))
        heard = _listen({**wires, ROUTER: control}, patience)
    routers = {bytes.fromhex(mac.replace(":", "")) for mac in router_macs.values()}
    for place in dict.fromkeys(station.place for station in layout.stations):
        senders = {n for n, station in enumerate(layout.stations) if station.place == place}
        entered = any(name == ROUTER and number in senders for name, number, _ in heard)
        out = sorted({name for name, number, mac in heard if name != ROUTER and number in senders and mac in routers})
        seen = f"seen at {', '.join(out)}" if out else "nothing" if entered else "it did not enter the router"
        yield Check(f"IPv6 from {place_words(place)}", "nothing", seen, not out if out or entered else None)


def _wire(station: Station) -> socket.socket:
    with within(station.name):
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.htons(ETH_P_IPV6))
        wire.bind(("eth0", ETH_P_IPV6))
    return wire


def _echo(source_mac: str, target_mac: str, source: IPv6Address, target: IPv6Address, mark: bytes) -> bytes:
    """An echo request (RFC 4443 §4.1), its checksum over the pseudo-header (RFC 8200 §8.1)."""
    body = struct.pack("!BBHHH", ECHO, 0, 0, 0xB4, 1) + mark
    pseudo = source.packed + target.packed + struct.pack("!II", len(body), ICMPV6)
    body = body[:2] + struct.pack("!H", checksum(pseudo + body)) + body[4:]
    header = struct.pack("!IHBB", 6 << 28, len(body), ICMPV6, 64) + source.packed + target.packed
    macs = bytes.fromhex(target_mac.replace(":", "") + source_mac.replace(":", ""))
    return macs + struct.pack("!H", ETH_P_IPV6) + header + body


def _listen(ears: Mapping[str, socket.socket], patience: float) -> set[tuple[str, int, bytes]]:
    """Where each mark was heard, and the card that sent it there."""
    heard: set[tuple[str, int, bytes]] = set()
    names = {ear.fileno(): (name, ear) for name, ear in ears.items()}
    with select.epoll() as loop:
        for descriptor in names:
            loop.register(descriptor, select.EPOLLIN)
        for look in looks(patience):
            for descriptor, _ in loop.poll(look):
                name, ear = names[descriptor]
                data, address = ear.recvfrom(2048)
                at = data.find(MARK)
                if at >= 0 and address[2] != socket.PACKET_OUTGOING:
                    number = struct.unpack("!H", data[at + len(MARK) : at + len(MARK) + 2])[0]
                    heard.add((name, number, bytes(address[4])))
    return heard
