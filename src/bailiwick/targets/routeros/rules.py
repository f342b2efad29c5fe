"""One line of a firewall table: chain and action first, then what it asks for, then whose it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bailiwick.network.model import Match
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros.ownership import tag
from bailiwick.targets.routeros.syntax import command

PORTS_MAX = 15
"""Ports that one rule can name, a range counting twice (Linux' xt_multiport, XT_MULTI_PORTS)."""

_PROTOCOLS = {ICMP: "icmp", TCP: "tcp", UDP: "udp"}
EVERY_CODE = "0-255"

Matchers = Mapping[str, str]


def rule(table: str, chain: str, action: str, matchers: Matchers, *ids: str, **more: str) -> Line:
    """``table`` as ``filter``; ``more`` are the action's own arguments, underscores for hyphens."""
    said = {"chain": chain, "action": action, **{key.replace("_", "-"): text for key, text in more.items()}}
    return command(f"/ip firewall {table}", "add", {**said, **matchers, **tag(*ids)}, ids)


def services(matches: Sequence[Match]) -> Iterator[dict[str, str]]:
    """Matchers that together mean these services, each of them a rule's. Raises ValueError for what no rule can ask."""
    ports: dict[int, list[tuple[int, int]]] = {}
    for match in matches:
        if match.protocols is not None:
            raise ValueError(f"RouterOS has no matcher for a range of protocols ({match.protocols})")
        if match.protocol is None:
            yield {}
        elif match.ports is not None:
            ports.setdefault(match.protocol, []).append(match.ports)
        elif match.icmp_type is not None:
            yield {"protocol": "icmp", "icmp-options": f"{match.icmp_type}:{EVERY_CODE}"}
        else:
            yield {"protocol": protocol(match.protocol)}
    for number in sorted(ports):
        for some in _portions(sorted(ports[number])):
            yield {"protocol": protocol(number), "dst-port": ",".join(map(stretch, some))}


def protocol(number: int) -> str:
    """By name where everybody knows it, else by number."""
    return _PROTOCOLS.get(number, str(number))


def stretch(span: tuple[int, int]) -> str:
    """A port, or ``first-last``."""
    return str(span[0]) if span[0] == span[1] else f"{span[0]}-{span[1]}"


def _portions(spans: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    some: list[tuple[int, int]] = []
    size = 0
    for span in spans:
        cost = 1 if span[0] == span[1] else 2
        if size + cost > PORTS_MAX:
            yield some
            some, size = [], 0
        some.append(span)
        size += cost
    if some:
        yield some
