"""Forwards beside each other, and beside what the router itself offers to the outside."""

from __future__ import annotations

from collections import defaultdict

from bailiwick.network.areas import beyond
from bailiwick.network.findings import Findings
from bailiwick.network.matches import subtract
from bailiwick.network.model import Forward, Network, Place


def check_doors(network: Network, findings: Findings) -> None:
    """``forward-conflict`` and ``forward-takes``."""
    _refuse_shared_ports(network, findings)
    _refuse_taken_sentences(network, findings)


def _refuse_shared_ports(network: Network, findings: Findings) -> None:
    """One sweep for each uplink and protocol, by first port."""
    doors: dict[tuple[str, int | None], list[tuple[tuple[int, int], Forward]]] = defaultdict(list)
    for forward in network.forwards:
        for uplink in forward.uplinks:
            for match in forward.matches:
                if match.ports:
                    doors[uplink, match.protocol].append((match.ports, forward))
    said: set[tuple[str, str]] = set()
    for found in doors.values():
        farthest: tuple[int, Forward] | None = None
        for ports, forward in sorted(found, key=lambda door: (door[0], door[1].name)):
            if farthest and ports[0] <= farthest[0] and (farthest[1].name, forward.name) not in said:
                before = farthest[1]
                said.add((before.name, forward.name))
                findings.error(
                    "forward-conflict",
                    f"Forwards `{before.name}` and `{forward.name}` share port {ports[0]} on one uplink."
                    if before is not forward
                    else f"Forward `{forward.name}` names port {ports[0]} twice.",
                    forward.span,
                    "a packet goes to one host: give one of them another port",
                    [(before.span, f"forward `{before.name}`")] if before is not forward else (),
                )
            if farthest is None or ports[1] > farthest[0]:
                farthest = (ports[1], forward)


def _refuse_taken_sentences(network: Network, findings: Findings) -> None:
    """A door takes the packet before the router looks at what it offers itself."""
    offers = [
        permission
        for permission in network.policy
        if any(extent.place == Place.ROUTER for extent in permission.target.extents)
        and any(beyond(extent.place) for extent in permission.source.extents)
    ]
    for permission in offers:
        for forward in network.forwards:
            if not subtract(permission.matches, (*permission.but, *forward.matches)):
                findings.error(
                    "forward-takes",
                    f"`{permission.text}` never happens: forward `{forward.name}` sends those packets to "
                    f"`{forward.host}`.",
                    permission.span,
                    "remove one of them",
                    [(forward.span, "the forward")],
                )
