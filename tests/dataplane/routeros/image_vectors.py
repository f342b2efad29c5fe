"""Vectors as frames: what becomes of a packet that is really sent. See ``image`` for what of this has been tried."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from ipaddress import IPv4Address

from bailiwick.dataplane.interpreter import Header
from bailiwick.packets.header import State
from bailiwick.twin.wire.crafting import ETH_IP, arp, ethernet, icmp, ipv4, tcp, udp
from tests.dataplane.routeros.image import Wires, guest_mac
from tests.dataplane.routeros.vector import RuleSet, Vector, header_of

ETH_ARP = 0x0806
_MARK = b"bailiwick vector"
_LISTENS = 2.0


def can_be_sent(rules: RuleSet, vector: Vector) -> bool:
    """New IPv4 packets that come by a cable, of rule sets that RouterOS takes whole. Whether the router itself takes a
    packet shows on no wire, and answers of hosts are not played."""
    if rules.told or not rules.version.startswith("7.") or vector.packet == "answer" or " or " in vector.expected:
        return False
    sent = header_of(vector.packet)
    wire = sent.iif in {"ether1", "ether2", "ether3", "ether4"}
    kind = sent.protocol in (6, 17) or (sent.protocol, sent.icmp_type) == (1, 8)
    plain = sent.state is State.NEW and sent.tcp_flags in (0, 2) and not sent.destination.is_multicast
    leaves = not vector.expected.startswith("taken")
    return wire and kind and plain and leaves and sent.family == 4 and "bridge" not in vector.expected


def expected(vector: Vector) -> frozenset[str]:
    """What is to be seen of it: nothing of a packet that goes nowhere, or word of it."""
    words = vector.expected.partition(", ")[0]
    return frozenset({"dropped", "refused"}) if words == "no way" else frozenset({words})


def seen(wires: Wires, vector: Vector, seconds: float = _LISTENS) -> str:
    """What becomes of a vector's packet, in the words of the vectors, within so many seconds."""
    sent = header_of(vector.packet)
    assert sent.iif is not None
    port = int(sent.iif.removeprefix("ether"))
    wires.send(port, ethernet(guest_mac(port), host_mac(port), ETH_IP, _packet(sent)))
    for number, frame in wires.hear(seconds):
        (kind,) = struct.unpack("!H", frame[12:14])
        if kind == ETH_ARP and frame[20:22] == b"\0\1":
            wires.send(number, _claim(number, frame))
        elif kind == ETH_IP and (found := _read(number, frame[14:], sent, port)):
            return found
    return "dropped"


def host_mac(port: int) -> str:
    """Of everybody beyond a port."""
    return f"52:54:00:c1:00:{port:02x}"


def _claim(port: int, asking: bytes) -> bytes:
    """Whatever the router looks for beyond a port is there."""
    asker, wanted = IPv4Address(asking[28:32]), IPv4Address(asking[38:42])
    told = arp(2, (host_mac(port), wanted), (guest_mac(port), asker), b"")
    return ethernet(guest_mac(port), host_mac(port), ETH_ARP, told)


def _packet(sent: Header) -> bytes:
    assert isinstance(sent.source, IPv4Address)
    assert isinstance(sent.destination, IPv4Address)
    ends = (sent.source, sent.source_port, sent.destination, sent.destination_port)
    match sent.protocol:
        case 6:
            body = tcp(ends, sent.tcp_flags, _MARK)
        case 17:
            body = udp(ends, _MARK)
        case _:
            body = icmp(sent.icmp_type, sent.icmp_code, b"\0\1\0\1", _MARK)
    return ipv4(sent.source, sent.destination, sent.protocol, body)


def _read(port: int, packet: bytes, sent: Header, came: int) -> str:
    """Words for a packet that the router sent; none for one of its own affairs."""
    head = (packet[0] & 15) * 4
    body = packet[head : int.from_bytes(packet[2:4])]
    source, target = IPv4Address(packet[12:16]), IPv4Address(packet[16:20])
    if body.endswith(_MARK) and packet[9] == sent.protocol:
        ports = struct.unpack("!HH", body[:4]) if sent.protocol in (6, 17) else (0, 0)
        words = f"leaves by ether{port}"
        words += _changed("from", source, ports[0], sent.source, sent.source_port)
        return words + _changed("to", target, ports[1], sent.destination, sent.destination_port)
    reset = packet[9] == 6 and bool(body[13] & 4)
    answer = port == came and target == sent.source and (reset or (packet[9] == 1 and body[0] == 3))
    return "refused" if answer else ""


def _changed(word: str, address: IPv4Address, port: int, before: object, port_before: int) -> str:
    if (address, port) == (before, port_before):
        return ""
    return f" {word} {address}" + (f":{port}" if port != port_before else "")


def complaints(said: Iterable[tuple[str, str]]) -> list[str]:
    """Commands that the console printed something about."""
    return [f"{command}: {words}" for command, words in said if words]
