"""One thing the home file means, and the packets it is about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bailiwick.language.span import Span
from bailiwick.packets.space import PacketSet


class Kind(StrEnum):
    POLICY = "policy"
    """A sentence of the policy or of a preset."""
    DERIVED = "derived"
    """What opens by itself, because of another line."""
    FORWARD = "forward"
    """A door from the uplinks."""
    ROUTER = "router"
    """What the router opens of its own."""
    HYGIENE = "hygiene"
    """What no sentence can open."""


@dataclass(frozen=True, slots=True)
class Meant:
    """``packets`` are accepted, or for hygiene denied, whatever else is said.

    ``text`` is one plain sentence, ``services`` the service's words alone, as a cell of the matrix shows them.
    """

    id: str
    span: Span
    text: str
    packets: PacketSet
    kind: Kind
    services: str = ""

    @property
    def way(self) -> str | None:
        """The uplink by which all its packets leave; None when some stay inside, or leave by another."""
        ways = {place for cube in self.packets.cubes() for place in cube.egress.members}
        way = ways.pop() if len(ways) == 1 else ""
        return way if way.startswith("uplink:") else None
