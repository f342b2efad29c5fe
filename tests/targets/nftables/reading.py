"""A slow reader of what ``permissions`` writes: one packet against its rules, in order."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network

from bailiwick.packets.packet import ICMP, TCP, UDP, Packet
from bailiwick.targets.linux.nftables.permissions import Permissions

_FIELD = "(?:ip [sd]addr|meta l4proto|icmp type|(?:tcp|udp|th) dport)"
_NUMBERS = {"icmp": ICMP, "tcp": TCP, "udp": UDP}


def decide(made: Permissions, packet: Packet) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """The ids beside what accepts the packet (None: nothing does), and those of the rules that log it."""
    logged: list[str] = []
    for rule in made.rules:
        statement = rule.statement
        ids = rule.ids
        while statement not in ("accept",):
            if statement.startswith("log prefix "):
                logged += rule.ids
                break
            if found := re.match(rf"({_FIELD}(?: \. {_FIELD})*) @(\S+) (.*)", statement):
                elements = next(one for one in made.sets if one.name == found[2]).elements
                values = [_load(field, packet) for field in found[1].split(" . ")]
                hits = [
                    element.ids
                    for element in elements
                    if all(_fits(v, text) for v, text in zip(values, element.key.split(" . "), strict=True))
                ]
                assert len(hits) <= 1, "elements overlap"
                if not hits:
                    break
                ids, statement = hits[0], found[3]
                continue
            if found := re.match(r"ct status ! confirmed (.*)", statement):
                statement = found[1]
                continue
            if found := re.match(r"ct status dnat (.*)", statement):
                if not packet.translated:
                    break
                statement = found[1]
                continue
            found = re.match(rf"({_FIELD}) (!= )?(\{{[^}}]*\}}|\S+) (.*)", statement)
            assert found, statement
            value = _load(found[1], packet)
            if any(_fits(value, text) for text in found[3].strip("{} ").split(", ")) is bool(found[2]):
                break
            statement = found[4]
        if statement == "accept":
            return ids, tuple(logged)
    return None, tuple(logged)


def _load(field: str, packet: Packet) -> int | None:
    match field.split():
        case ["ip", "saddr"]:
            return int(packet.source)
        case ["ip", "daddr"]:
            return int(packet.destination)
        case ["meta", "l4proto"]:
            return packet.protocol
        case ["icmp", "type"]:
            return packet.icmp_type if packet.protocol == ICMP else None
        case [word, "dport"]:
            return packet.destination_port if word == "th" or packet.protocol == _NUMBERS[word] else None
    raise AssertionError(field)


def _fits(value: int | None, text: str) -> bool:
    if value is None:
        return False
    first, _, last = text.partition("-")
    if "/" in text:
        network = IPv4Network(text)
        return int(network.network_address) <= value <= int(network.broadcast_address)
    return _number(first) <= value <= _number(last or first)


def _number(text: str) -> int:
    return int(IPv4Address(text)) if "." in text else _NUMBERS.get(text, int(text) if text.isdigit() else -1)
