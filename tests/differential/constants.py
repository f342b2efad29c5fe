"""The few addresses, ports and marks of one random rule set, and the packets that touch their edges."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from random import Random

from bailiwick.dataplane.interpreter import Header
from bailiwick.dataplane.interpreter.packet import ICMP, ICMP6, TCP, UDP
from bailiwick.packets.header import State

Address = IPv4Address | IPv6Address
NETWORKS = {
    4: {"lan": "10.1.0.0/24", "dmz": "10.2.0.0/24", "wan": "198.51.100.0/24"},
    6: {"lan": "fd00:1::/64", "dmz": "fd00:2::/64", "wan": "2001:db8::/64"},
}
ROUTER = {
    4: ("10.1.0.1", "10.2.0.1", "10.2.0.9", "198.51.100.2", "198.51.100.3"),
    6: ("fd00:1::1", "fd00:2::1", "2001:db8::2"),
}
FAR = {4: ("9.9.9.9", "8.8.4.4", "172.16.5.5", "100.64.0.1"), 6: ("2606:4700::1", "2001:db8:5::5", "2a00::9")}
ODD = {
    4: ("10.1.0.0", "10.1.0.255", "10.2.0.15", "255.255.255.255", "127.0.0.1", "0.0.0.0", "224.0.0.1"),
    6: ("fd00:1::", "::1", "fd00:9::9"),
}
HEARD = ("10.1.0.255", "10.2.0.255", "198.51.100.255", "10.2.0.15", "255.255.255.255", "224.0.0.1")
"""The router hears what it sends there itself: a second packet, which no walk follows."""
ZONES = ("lan", "dmz", "wan")
PORTS = (1, 22, 53, 67, 80, 123, 443, 1023, 1024, 5353, 8080, 13233, 50000, 65535)
FLAGS = (0x02, 0x02, 0x02, 0x10, 0x12, 0x04, 0x11, 0x00, 0x01, 0x03, 0x18, 0x29)
FRESH = frozenset({0x02, 0x10, 0x18})
"""Flags with which conntrack starts a connection (nf_conntrack_proto_tcp.c: SYN, or picked up at an ACK)."""
ASKING = {ICMP: (8, 13), ICMP6: (128,)}
ANSWERING = {ICMP: (0,), ICMP6: (129,)}


@dataclass(frozen=True, slots=True)
class Constants:
    family: int
    hosts: tuple[str, ...]
    networks: tuple[str, ...]
    ports: tuple[int, ...]
    marks: tuple[int, ...]

    @classmethod
    def random(cls, random: Random, family: int) -> Constants:
        hosts = [_host(random, NETWORKS[family][zone]) for zone in ZONES for _ in range(2)]
        hosts += random.sample(ROUTER[family], 2) + random.sample(FAR[family], 2)
        width = 32 if family == 4 else 128
        networks = [
            str(ip_network((host, random.choice((width - 8, width - 7, width - 4, width - 3, width - 1))), False))
            for host in random.sample(hosts, 4)
        ]
        networks += [NETWORKS[family][random.choice(ZONES)]]
        return cls(
            family,
            tuple(hosts),
            tuple(networks),
            tuple(random.sample(PORTS, 5)),
            tuple(random.sample((1, 2, 3, 0x10, 0x12, 0xFF, 0x10000), 4)),
        )

    def addresses(self, random: Random) -> Address:
        """A constant, a neighbour of one, the edge of a network, or something else."""
        kind = random.random()
        if kind < 0.55:
            return ip_address(random.choice(self.hosts))
        if kind < 0.75:
            network = ip_network(random.choice(self.networks))
            edge = random.choice((int(network.network_address), int(network.broadcast_address)))
        elif kind < 0.85:
            edge = int(ip_address(random.choice(self.hosts)))
        elif kind < 0.9:
            return ip_address(random.choice(ODD[self.family]))
        else:
            return ip_address(random.choice(ROUTER[self.family] + FAR[self.family]))
        return _address(self.family, edge + random.choice((-1, 0, 0, 1)))

    def port(self, random: Random) -> int:
        if random.random() < 0.75:
            return min(65535, max(1, random.choice(self.ports) + random.choice((-1, 0, 0, 0, 1))))
        return random.randint(1, 65535)


@dataclass(frozen=True, slots=True)
class Sending:
    """A packet to send; ``spoilt``: with a wrong checksum."""

    header: Header
    spoilt: bool = False


def packet(random: Random, constants: Constants) -> Sending:
    """One that comes by a zone, mostly from there, or that the router sends of its own."""
    family = constants.family
    iif = random.choice((*ZONES, *ZONES, None))
    source = constants.addresses(random)
    if iif is None:
        source = ip_address(random.choice(ROUTER[family]))
    elif iif != "wan" and random.random() < 0.7:
        source = ip_address(
            random.choice(
                [host for host in constants.hosts if ip_address(host) in ip_network(NETWORKS[family][iif])]
                or [_host(random, NETWORKS[family][iif])]
            )
        )
    elif iif == "wan" and random.random() < 0.7:
        source = ip_address(random.choice(FAR[family]))
    destination = constants.addresses(random)
    while destination == source or (iif is None and str(destination) in HEARD):
        destination = constants.addresses(random)
    mark = random.choice(constants.marks) if iif is None and random.random() < 0.3 else 0
    protocol = random.choice((TCP, TCP, TCP, UDP, UDP, UDP, ICMP if family == 4 else ICMP6, 47))
    ports = (constants.port(random) if random.random() < 0.3 else random.randint(1024, 65535), constants.port(random))
    spoilt = iif is not None and protocol in (TCP, UDP) and random.random() < 0.04
    state = State.INVALID if spoilt else State.NEW
    if protocol == TCP:
        flags = random.choice(FLAGS)
        state = state if flags in FRESH else State.INVALID
        return Sending(
            Header(source, destination, iif, protocol, *ports, tcp_flags=flags, state=state, mark=mark), spoilt
        )
    if protocol == UDP:
        return Sending(Header(source, destination, iif, protocol, *ports, state=state, mark=mark), spoilt)
    if protocol in ASKING:
        answers = random.random() < 0.2
        kind = random.choice((ANSWERING if answers else ASKING)[protocol])
        return Sending(
            Header(
                source,
                destination,
                iif,
                protocol,
                icmp_type=kind,
                state=State.INVALID if answers else State.NEW,
                mark=mark,
            )
        )
    return Sending(Header(source, destination, iif, protocol, mark=mark))


def _host(random: Random, network: str) -> str:
    return str(ip_network(network)[random.randint(2, 254)])


def _address(family: int, number: int) -> Address:
    return IPv4Address(number % (1 << 32)) if family == 4 else IPv6Address(number % (1 << 128))
