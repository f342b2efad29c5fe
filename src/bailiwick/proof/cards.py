"""Ports bound to hardware: the card that the home file means is the one that gets the port's name.

A ``.link`` file names a card by its hardware address or its place on the bus (systemd.link(5)). With another one in it,
every rule of the port is right and some other card has it: a zone would be inherited by whatever is plugged in there.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.model import Device
from bailiwick.language.span import Span
from bailiwick.network.model import Network, RouterPort, Uplink
from bailiwick.proof.difference import Difference, Kind, Meaning


def cards(network: Network, device: Device) -> Iterator[Difference]:
    """Of the router: its ports and its uplinks."""
    bound: list[RouterPort | Uplink] = [*network.router.ports]
    bound += [uplink for uplink in network.uplinks.values() if not uplink.tunnel]
    for one in bound:
        name, path = (one.port, None) if isinstance(one, Uplink) else (one.name, one.path)
        yield from bound_as(device, name, one.mac, path, one.span)


def bound_as(device: Device, name: str, mac: str | None, path: str | None, span: Span) -> Iterator[Difference]:
    """A difference where the home file binds the port to a card, and what is written to another, or to none."""
    interface = device.interfaces.get(name)
    for wanted, written, what in (
        (mac, interface.mac if interface else None, "the card with the address"),
        (path, interface.path if interface else None, "the card at"),
    ):
        if wanted is None or wanted.lower() == (written or "").lower():
            continue
        given = f"the name goes to {written}" if written else "no file gives it that name"
        line = interface.line if interface else None
        about = (Meaning(span, f"port {name}"),)
        yield Difference(Kind.WIRE, f"{name} is not {what} {wanted}: {given}", line=line, meant=about)
