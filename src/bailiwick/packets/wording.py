"""A cube of packets in words a person reads at a glance: "zone:lan 192.168.40.0/24 to router: tcp/22"."""

from __future__ import annotations

from collections.abc import Mapping

from bailiwick.packets.cube import EVERY_ICMP_TYPE, EVERY_PROTOCOL, Cube
from bailiwick.packets.interval import EVERY_ADDRESS, EVERY_PORT, IntervalSet
from bailiwick.packets.names import Names
from bailiwick.packets.packet import ICMP, TCP, UDP

_PROTOCOL_NAMES = {ICMP: "icmp", TCP: "tcp", UDP: "udp"}
_SHOWN = 4


def line(cube: Cube) -> str:
    """Everything that the cube says; what is every value is left out."""
    source = _side(cube.ingress, cube.sources)
    target = _side(cube.egress, cube.destinations)
    return f"{source} to {target}: {_service(cube)}{_origin(cube)}"


def networks(addresses: IntervalSet) -> str:
    """Addresses as prefixes, the first few: "192.168.40.5, 10.0.0.0/8"."""
    if addresses == EVERY_ADDRESS:
        return "anywhere"
    shown: list[str] = []
    for network in addresses.cidrs():
        if len(shown) == _SHOWN:
            return f"{', '.join(shown)}, …"
        shown.append(str(network.network_address if network.prefixlen == network.max_prefixlen else network))
    return ", ".join(shown)


def _side(names: Names, addresses: IntervalSet) -> str:
    words = []
    if names.members:
        words.append(("anywhere but " if names.inverted else "") + ", ".join(sorted(names.members)))
    if addresses != EVERY_ADDRESS or not words:
        words.append(networks(addresses))
    return " ".join(words)


def _service(cube: Cube) -> str:
    possible = cube.possible()
    if possible == EVERY_PROTOCOL and cube.destination_ports == EVERY_PORT and cube.icmp_types == EVERY_ICMP_TYPE:
        words = ["any"]
    else:
        words = [numbers(possible, _PROTOCOL_NAMES)]
        if cube.destination_ports != EVERY_PORT and (TCP in possible or UDP in possible):
            words[-1] += f"/{numbers(cube.destination_ports)}"
        if cube.icmp_types != EVERY_ICMP_TYPE and ICMP in possible:
            words.append(f"type {numbers(cube.icmp_types)}")
    if cube.source_ports != EVERY_PORT:
        words.append(f"from port {numbers(cube.source_ports)}")
    return " ".join(words)


def _origin(cube: Cube) -> str:
    return {None: "", True: ", translated", False: ", not translated"}[cube.translated]


def numbers(values: IntervalSet, words: Mapping[int, str] | None = None) -> str:
    """Numbers as people write lists of them: "22,80-90"; ``words`` are names that some of them have."""
    words = words or {}
    return ",".join(
        words.get(first, str(first)) if first == last else f"{first}-{last}" for first, last in values.spans
    )
