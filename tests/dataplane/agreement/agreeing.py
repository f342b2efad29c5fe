"""Whole devices of the real world: what is delivered, against the walks of single packets at the edges of the rules.

A packet that certainly passes is accepted whatever the unknowns say; one that cannot pass is accepted in none.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from random import Random

from bailiwick.dataplane.interpreter import End, Header, Interpreter, Walk
from bailiwick.dataplane.interpreter.packet import PORTS
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.symbolic.delivery import Delivered, Deliveries
from bailiwick.dataplane.symbolic.interfaces import LOOPBACK
from bailiwick.dataplane.symbolic.pipeline import Pipeline
from bailiwick.dataplane.symbolic.witness import as_fields
from bailiwick.packets import header
from tests.dataplane.agreement.constants import Constants

ICMP = {4: 1, 6: 58}
USUAL = {
    header.PROTOCOL: (6, 6, 17, 17, 1, 58, 2, 47),
    header.SOURCE_PORT: (40000, 1023),
    header.DESTINATION_PORT: (22, 53, 80, 443, 9),
    header.ICMP_TYPE: (0, 3, 8, 128),
    header.ICMP_CODE: (0,),
    header.TCP_FLAGS: (2, 2, 2, 16),
}
LEASE: dict[int, IPv4Address | IPv6Address] = {4: IPv4Address("81.2.69.144"), 6: IPv6Address("2001:db8:8::9")}
"""What interfaces with changing addresses have: in no subnet of the device."""
ANYWHERE = {
    4: [int(IPv4Address(one)) for one in ("8.8.8.8", "0.0.0.0", "255.255.255.255", "224.0.0.251", "127.0.0.1")],
    6: [int(IPv6Address(one)) for one in ("2001:4860::8", "::", "ff02::1", "::1", "fe80::5")],
}


@dataclass
class Count:
    """Of packets: compared, with a certain answer that they pass, and with one that they cannot."""

    compared: int = 0
    passing: int = 0
    refused: int = 0


class Packets:
    """Random packets; most are meant for one of the rules, or two."""

    def __init__(self, device: Device, family: int, seed: int) -> None:
        self.random = Random(seed)
        self.family = family
        self.constants = Constants.of(device, family)
        self.named = [name for name in device.interfaces if name != LOOPBACK]
        self.dynamic = [name for name, one in device.interfaces.items() if one.dynamic]

    def packet(self, own: bool) -> Header:
        chance = self.random
        aimed = chance.sample(self.constants.rules, min(chance.randint(0, 2), len(self.constants.rules)))

        def number(name: str, usual: tuple[int, ...] | list[int]) -> int:
            for rule in aimed:
                if rule.numbers.get(name) and chance.random() < 0.9:
                    return chance.choice(sorted(rule.numbers[name]))
            every = sorted(self.constants.numbers.get(name, ()))
            return chance.choice(every) if every and chance.random() < 0.7 else chance.choice(usual)

        address = IPv4Address if self.family == 4 else IPv6Address
        protocol = number(header.PROTOCOL, USUAL[header.PROTOCOL])
        fields = {name: number(name, USUAL[name]) for name in USUAL}
        ported, icmp = protocol in PORTS, protocol == ICMP[self.family]
        dynamic = chance.choice(self.dynamic) if self.dynamic and chance.random() < 0.2 else None
        return Header(
            source=address(number(header.SOURCE, ANYWHERE[self.family])),
            destination=LEASE[self.family] if dynamic else address(number(header.DESTINATION, ANYWHERE[self.family])),
            iif=None if own else self._ingress(aimed),
            protocol=protocol,
            source_port=fields[header.SOURCE_PORT] * ported,
            destination_port=fields[header.DESTINATION_PORT] * ported,
            icmp_type=fields[header.ICMP_TYPE] * icmp,
            icmp_code=fields[header.ICMP_CODE] * icmp,
            tcp_flags=fields[header.TCP_FLAGS] * (protocol == 6),
            dynamic=dynamic,
        )

    def _ingress(self, aimed: list[Constants]) -> str:
        wanted = [name for rule in aimed for name in rule.patterns if name in self.named]
        return self.random.choice(wanted if wanted and self.random.random() < 0.8 else self.named)


def compare(device: Device, family: int, number: int, seed: int = 0) -> Count:
    """Raises AssertionError where the two disagree."""
    packets = Packets(device, family, seed)
    pipeline = Pipeline(device, family)
    deliveries = Deliveries(pipeline)
    interpreter = Interpreter(device, leases=dict.fromkeys(packets.dynamic, LEASE[family]))
    count = Count()
    for at in range(number):
        own = at % 5 == 0
        packet = packets.packet(own)
        walks = interpreter.outcomes(packet).walks
        if own and (packet.destination.is_multicast or packet.dynamic is not None or _returning(walks)):
            continue  # groups leave by any interface that a socket is bound to; what comes back in is seen twice
        _agree(pipeline, deliveries.own if own else deliveries.foreign, packet, walks, count)
    return count


def _returning(walks: tuple[Walk, ...]) -> bool:
    return any(LOOPBACK in (walk.egress, walk.left.iif) for walk in walks)


def _agree(pipeline: Pipeline, delivered: Delivered, packet: Header, walks: tuple[Walk, ...], count: Count) -> None:
    sent = delivered.sent
    accepted = {_egress(walk) for walk in walks if walk.accepted}
    unknown = any(walk.end is End.UNKNOWN for walk in walks)
    possible = certain = False
    for name in (None, *pipeline.interfaces.numbers):
        fields = as_fields(packet, pipeline.interfaces, name)
        may, must = sent.possible.holds(fields), sent.certain.holds(fields)
        assert may or name not in accepted, f"{packet} passes by {name}, and cannot"
        if must:
            assert accepted == {name} and all(walk.accepted for walk in walks), f"{packet} passes by {name} not always"
        possible, certain = possible or may, certain or must
    count.compared += 1
    count.passing += certain
    count.refused += not possible and not unknown


def _egress(walk: Walk) -> str | None:
    return None if walk.local else walk.egress
