"""The provider's end of what is no Ethernet: a PPPoE session, a WireGuard tunnel.

The stations beyond such an uplink keep their Ethernet cards. Between these and the session stands an access
concentrator (RFC 2516): it takes the Ethernet header off what goes in and puts one before what comes out (tc-mirred(8),
tc-vlan(8) ``push_eth``), and does nothing else, so that sources and times to live stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bailiwick.plan.model import Interface, LinkKind, Plan
from bailiwick.twin.layout import Layout, Line, mac
from bailiwick.twin.scene.namespaces import batch, run_in

CARD = "eth0"
"""Towards the stations."""
WIRE = "eth1"
"""Towards the router's port, for what has one below."""
FIRST_CARD = 0x30000
FAMILIES = ("ip", "ipv6")


@dataclass(frozen=True, slots=True)
class Concentrator:
    """``interface`` is the router's end of the session. ``mac`` is the card that stands for it before the stations."""

    interface: Interface
    line: Line
    mac: str
    stations: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Name, card and addresses of each, the provider's own first."""

    @property
    def namespace(self) -> str:
        return f"{self.line.uplink.replace(':', '.')}.session"

    def raise_links(self) -> None:
        """Raises CommandFailed."""
        wires = [WIRE] if self.interface.kind is LinkKind.PPP else []
        batch([f"link set {name} up" for name in ("lo", CARD, *wires)], self.namespace)

    def passing(self, session: str) -> Iterator[str]:
        """``tc`` commands that join the session's interface there to the stations' wire."""
        yield f"qdisc replace dev {session} clsact"
        yield f"qdisc replace dev {CARD} clsact"
        for family in FAMILIES:
            match = f"protocol {family} matchall"
            yield f"filter add dev {CARD} ingress {match} action mirred egress redirect dev {session}"
        (_, first, _), *others = self.stations
        for _, card, addresses in others:
            for address in addresses:
                match = f"prio 1 protocol ip u32 match ip dst {address}/32"
                yield f"filter add dev {session} ingress {match} {self._framed(card)}"
        for number, family in enumerate(FAMILIES, 2):
            yield f"filter add dev {session} ingress prio {number} protocol {family} matchall {self._framed(first)}"

    def _framed(self, card: str) -> str:
        header = f"action vlan push_eth dst_mac {card} src_mac {self.mac}"
        return f"{header} action mirred egress redirect dev {CARD}"

    def tell(self) -> None:
        """The stations where the router's address is: nobody answers ARP for it. Raises CommandFailed."""
        told = f"neighbour replace {self.line.address.ip} lladdr {self.mac} dev eth0 nud permanent"
        for name, _, _ in self.stations:
            batch([told], name)

    def up(self, session: str) -> bool:
        """Whether the session's interface is there and carries packets."""
        links = json.loads(run_in(self.namespace, "ip", "-j", "link"))
        return any(link["ifname"] == session and "LOWER_UP" in link["flags"] for link in links)


def concentrators(plan: Plan, layout: Layout) -> Sequence[Concentrator]:
    """One for each session and tunnel of an uplink that is real on this stage, in the plan's order."""
    stood_in = {interface.name for interface, _ in layout.stand_ins}
    real = [
        interface
        for interface in plan.interfaces
        if interface.kind in (LinkKind.PPP, LinkKind.TUNNEL) and interface.place and interface.name not in stood_in
    ]
    return tuple(
        Concentrator(
            interface,
            layout.line(interface.place or ""),
            mac(FIRST_CARD + number),
            tuple(
                (one.name, one.mac, tuple(str(address.ip) for address in one.addresses))
                for one in layout.at(interface.place or "")
            ),
        )
        for number, interface in enumerate(real)
    )
