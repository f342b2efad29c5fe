"""Packets at the edges of what rules name: those that a rule asks for, and their nearest neighbours."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from random import Random
from zlib import crc32

from bailiwick.dataplane.interpreter import Header, Interpreter
from bailiwick.dataplane.interpreter.packet import Address
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.symbolic.interfaces import LOOPBACK
from bailiwick.packets.header import Direction, State, Status
from tests.proof.mutations.tokens import ADDRESS
from tests.proof.mutations.wishes import Rules, Wish, elements_of

LEASE = IPv4Address("81.2.69.160")
"""Where the changing addresses are at the moment."""
OUTER = (IPv4Address("9.9.9.9"), IPv4Address("77.88.8.8"), IPv4Address("103.21.244.7"))
KINDS = ((6, 443), (17, 53), (6, 22), (17, 67), (1, 8), (1, 3), (50, 0))
"""Protocol, with port or ICMP type."""
PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "igmp": 2}
STRANGER = "stranger"
"""An interface that nothing names."""
_RANGE = re.compile(rf"({ADDRESS})(?:/(\d+)|-({ADDRESS}))?$")


def leases(device: Device) -> dict[str, Address]:
    return {name: LEASE + crc32(name.encode()) % 2048 for name, one in sorted(device.interfaces.items()) if one.dynamic}


class Boundary:
    """Of one device and the text of its rules."""

    def __init__(self, device: Device, text: str, seed: int, size: int) -> None:
        self.device = device
        self._leases = leases(device)
        self.interpreter = Interpreter(device, leases=self._leases)
        self.packets: list[Header] = []
        self.met: dict[int, list[int]] = defaultdict(list)
        """By line of the rules, the packets that met the rule there."""
        self.matched: dict[int, int] = defaultdict(int)
        self._rules = Rules(text)
        self._random = Random(seed)
        self._inside = {
            name: one.network
            for name, interface in sorted(device.interfaces.items())
            for one in interface.addresses
            if isinstance(one.network, IPv4Network) and not one.ip.is_loopback
        }
        addresses = (one.ip for name in self._inside for one in device.interfaces[name].addresses)
        self._own = [one for one in addresses if isinstance(one, IPv4Address)]
        self._ingress: list[str | None] = [None, STRANGER, *(n for n in sorted(device.interfaces) if n != LOOPBACK)]
        chain = ""
        for line in text.split("\n"):
            if found := re.match(r"\t(chain|set|map) ([\w.-]+) \{", line):
                chain = found[2] if found[1] == "chain" else ""
            elif chain and line.startswith("\t\t") and not line.strip().startswith(("#", "type ")):
                for packet in self.for_rule(line, chain, 4):
                    self._add(packet)
        while len(self.packets) < size:
            self._add(self._any())

    def _add(self, packet: Header) -> None:
        for step in self.interpreter.walk(packet).steps:
            if step.line is not None:
                met = self.met[step.line.number]
                if not met or met[-1] != len(self.packets):
                    met.append(len(self.packets))
                self.matched[step.line.number] += step.matched
        self.packets.append(packet)

    # ---- packets for rules

    def for_rule(self, line: str, chain: str, count: int, element: tuple[str, str] | None = None) -> Iterator[Header]:
        """``count`` packets that the rule asks for, and as many that differ from one of them in one thing."""
        for _ in range(count):
            packet = self._wished(self._rules.wish(line, chain, self._random, element))
            yield packet
            yield self._beside(packet)

    def routed(self) -> Iterator[Header]:
        """Packets to and from whom routing rules tell apart, by every interface with a subnet."""
        told = sorted({str(rule.source[0]) for rule in self.device.routing.rules if rule.source is not None})
        for name, network in self._inside.items():
            for host in map(IPv4Address, told):
                yield _with(Header(_host(network, 9), host, name), 6, 22)
                yield _with(Header(host, _host(network, 9), self._natural(host)), 6, 22)
                yield _with(Header(host, self._random.choice(OUTER), self._natural(host)), 17, 443)

    def met_by(self, lines: Sequence[int], size: int) -> list[Header]:
        """At most so many packets that meet one of the rules, spread over all of them; of all, where none does."""
        met = sorted({number for line in lines for number in self.met.get(line, ())}) or range(len(self.packets))
        return [self.packets[number] for number in met[:: max(1, -(-len(met) // size))]]

    def edges(self, packet: Header, text: str) -> Iterator[Header]:
        """The packet with what a changed token names."""
        for address in re.findall(ADDRESS, text):
            yield replace(packet, source=IPv4Address(address))
            yield replace(packet, destination=IPv4Address(address), dynamic=None)
        for name in set(re.findall(r'"([\w.-]+)"', text)) - {LOOPBACK}:
            yield replace(packet, iif=name)
            if name in self._inside:
                yield replace(packet, destination=_host(self._inside[name], 9), dynamic=None)
        if number := re.fullmatch(r"\d{1,5}", text):
            yield _with(packet, 17 if packet.protocol == 17 else 6, min(int(number[0]), 65535))

    def _wished(self, wish: Wish) -> Header:
        pick, values = self._random.choice, wish.values
        source = self._within(values.get("ip saddr"))
        iif: str | None = values.get("iifname", LOOPBACK)
        if iif == LOOPBACK:  # what comes by it was sent by the device
            iif = None if wish.hook == "output" or "iifname" in values else self._natural(source)
        source = source or self._source(iif)
        protocol, number = pick(KINDS)
        protocol = PROTOCOLS.get(values.get("meta l4proto", ""), protocol)
        for key, text in values.items():
            if key.endswith("port"):
                protocol = PROTOCOLS.get(key.split()[0], protocol if protocol in (6, 17) else 6)
                ends = re.findall(r"\d+", text)
                number = int(pick(ends)) if ends else number
        packet = _with(Header(source, OUTER[0], iif), protocol, number)
        destination = self._within(values.get("ip daddr"))
        if wish.dnat or (wish.hook == "prerouting" and destination is None):
            dynamic = pick([*self._leases, *self._leases, ""])
            return replace(packet, destination=self._leases.get(dynamic, pick(OUTER)), dynamic=dynamic or None)
        if destination is None:
            out = values.get("oifname")
            inner = _host(self._inside[out], pick((5, 9, 53))) if out in self._inside else pick(OUTER)
            destination = pick(self._own) if wish.hook == "input" and self._own else inner
        return replace(packet, destination=destination)

    def _within(self, text: str | None) -> IPv4Address | None:
        """An end of a written range, or something in it."""
        found = _RANGE.match(text or "")
        if found is None:
            return None
        first, length, last = found.groups()
        low = int(IPv4Address(first))
        high = int(IPv4Address(last)) if last else low | ((1 << (32 - int(length))) - 1 if length else 0)
        return IPv4Address(min(max(self._random.choice((low, high, low + 9, low + 66)), low), high))

    def _beside(self, packet: Header) -> Header:
        pick = self._random.choice
        match self._random.randrange(6):
            case 0:
                return replace(packet, source=_near(packet.source, pick((-1, 1))))
            case 1:
                return replace(packet, destination=_near(packet.destination, pick((-1, 1))), dynamic=None)
            case 2:
                return _with(packet, packet.protocol, min(max(packet.destination_port + pick((-1, 1)), 0), 65535))
            case 3:
                return _with(packet, {6: 17, 17: 6}.get(packet.protocol, 6), packet.destination_port)
            case 4:
                return replace(packet, iif=pick(self._ingress))
        state = pick((State.ESTABLISHED, State.RELATED, State.INVALID))
        way = pick((Direction.ORIGINAL, Direction.REPLY))
        return replace(packet, state=state, direction=way, status=Status.CONFIRMED)

    def _any(self) -> Header:
        pick = self._random.choice
        iif = pick(self._ingress)
        dynamic = pick(["", "", "", *self._leases])
        inner = [net[pick((1, 5, 9, 53, -1)) % net.num_addresses] for net in self._inside.values()]
        destination = self._leases.get(dynamic, pick([*inner, *OUTER, *OUTER]))
        return _with(Header(self._source(iif), destination, iif, dynamic=dynamic or None), *pick(KINDS))

    def _source(self, iif: str | None) -> IPv4Address:
        pick = self._random.choice
        if iif is None:
            return pick(self._own)
        network = self._inside.get(iif)
        if network is None:
            return pick((*OUTER, *OUTER, *(_host(net, 9) for net in self._inside.values())))
        return network[pick((0, 1, 5, 9, 20, 53, 66, -1, -2)) % network.num_addresses]

    def _natural(self, source: IPv4Address | None) -> str | None:
        """Where a packet with this source may come in."""
        home = [name for name, network in self._inside.items() if source is not None and source in network]
        return self._random.choice(home or self._ingress)


def _host(network: IPv4Network, number: int) -> IPv4Address:
    """The host with that number, or one of a small network's."""
    return network[number % network.num_addresses]


def block_of(lines: Sequence[str], number: int) -> tuple[str, str]:
    """Kind and name of the block that a line stands in."""
    for at in range(number, 0, -1):
        if found := re.match(r"\t(set|map|chain) ([\w.-]+) \{", lines[at - 1]):
            return found[1], found[2]
        if lines[at - 1].startswith("}"):
            break
    return "", ""


def element(lines: Sequence[str], number: int) -> str:
    return elements_of(lines[number - 1])


def _with(packet: Header, protocol: int, number: int) -> Header:
    ported = protocol in (6, 17)
    return replace(
        packet,
        protocol=protocol,
        source_port=40000 * ported,
        destination_port=number * ported,
        icmp_type=min(number, 255) * (protocol == 1),
        tcp_flags=2 * (protocol == 6),
    )


def _near(address: Address, step: int) -> IPv4Address:
    return IPv4Address(min(max(int(address) + step, 0), (1 << 32) - 1))
