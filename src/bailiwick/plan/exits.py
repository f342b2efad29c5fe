"""Exits: a routing table and a resolver of its own for each uplink that ``route-out`` names; and the ways back."""

from __future__ import annotations

from bailiwick.language.span import Span
from bailiwick.network.model import Network
from bailiwick.plan.ids import number, short
from bailiwick.plan.model import Exit, Flow, Interface, Return
from bailiwick.plan.ways import Ways

FIRST_NUMBER = 20000
NUMBERS = 10000
"""An exit's number comes from its uplink's name and is both its table and its resolver's port: above what
/etc/iproute2/rt_tables names, and below the ports that Linux picks for itself (32768, ip-sysctl)."""


def choose_exits(network: Network, ways: Ways, wires: dict[str, Interface]) -> tuple[Exit, ...]:
    """One for each uplink that some ``route-out`` names, by name."""
    asked: dict[str, list[Span]] = {}
    for route in network.routes_out:
        asked.setdefault(route.uplink, []).append(route.span)
    exits: list[Exit] = []
    taken: set[int] = set()
    for uplink in sorted(asked):
        chosen = _number(short(uplink), taken)
        taken.add(chosen)
        exits.append(
            Exit(
                id=f"exit:{short(uplink)}",
                spans=tuple(sorted(asked[uplink])),
                uplink=uplink,
                interface=wires[uplink].name,
                table=chosen,
                sources=ways.routed[uplink],
                resolver_port=chosen,
            )
        )
    return tuple(exits)


def find_returns(
    network: Network, exits: tuple[Exit, ...], flows: tuple[Flow, ...], wires: dict[str, Interface]
) -> tuple[Return, ...]:
    """Of several uplinks that are no tunnels, one for each by which something may come in, by name.

    The first has the main table's default. It needs one only where somebody who comes in by it may be of a network that
    another one's port is in: there the main table leads by that port.
    """
    opened: dict[str, set[Span]] = {}
    for flow in flows:
        if flow.ingress is not None:
            opened.setdefault(flow.ingress, set()).update(flow.spans)
    tables = {exit_.uplink: exit_.table for exit_ in exits}
    found: list[Return] = []
    usual = [one.id for one in network.exits()[:1] if not network.beyond(one.id)]
    for uplink in sorted(one.id for one in network.exits() if one.id in opened and one.id not in usual):
        if uplink not in tables:
            tables[uplink] = _number(short(uplink), set(tables.values()))
        found.append(
            Return(
                id=f"return:{short(uplink)}",
                spans=tuple(sorted(opened[uplink])),
                uplink=uplink,
                interface=wires[uplink].name,
                table=tables[uplink],
                mark=tables[uplink],
                beyond=network.beyond(uplink),
            )
        )
    return tuple(found)


def _number(name: str, taken: set[int]) -> int:
    offset = number(name, NUMBERS)
    while FIRST_NUMBER + offset in taken:
        offset = (offset + 1) % NUMBERS
    return FIRST_NUMBER + offset
