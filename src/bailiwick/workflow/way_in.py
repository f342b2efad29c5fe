"""Whether the owner would be let in again as they came: one packet, walked through files that are not installed yet."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address
from typing import TYPE_CHECKING

from bailiwick.agent.model import WARNING, Finding
from bailiwick.apply.facts import Facts

if TYPE_CHECKING:
    from bailiwick.dataplane.model import Device

SSH = 22
"""The port that is asked for; a device does not tell by which one we came."""


def way_in(device: Device, facts: Facts) -> tuple[Finding, ...]:
    """A warning where the new rules refuse a connection like the one that we came by.

    ``device`` is the router as written. Nothing is said of one that is not by IPv4, that comes to an address that goes,
    or whose end hangs on what is unknown.
    """
    from bailiwick.dataplane.interpreter import End, Header, Interpreter  # noqa: PLC0415
    from bailiwick.dataplane.interpreter.packet import SYN  # noqa: PLC0415

    try:
        source, destination = ip_address(facts.came_from), ip_address(facts.came_by)
    except ValueError:
        return ()
    if not isinstance(source, IPv4Address) or not isinstance(destination, IPv4Address):
        return ()
    held = {str(address.ip) for one in device.interfaces.values() for address in one.addresses}
    if str(destination) not in held:
        return ()
    interpreter = Interpreter(device)
    ends = {
        interpreter.walk(Header(source, destination, name, 6, 50000, SSH, tcp_flags=SYN)).end
        for name in _entrances(device, source)
    }
    if not ends or End.ACCEPT in ends or End.UNKNOWN in ends:
        return ()
    text = (
        f"The new rules do not let in a connection like yours ({source} to {destination}, tcp/{SSH}): "
        "unless you can come in from elsewhere, the device will go back."
    )
    return (Finding(WARNING, "way in", text),)


def _entrances(device: Device, source: IPv4Address) -> tuple[str, ...]:
    """The interfaces that lead to ``source``: the one in whose subnet it is, else all that lead away."""
    near = [one.name for one in device.interfaces.values() if any(source in a.network for a in one.addresses)]
    away = [route.interface for route in device.routing.routes if route.prefix and not route.prefix.prefixlen]
    return tuple(dict.fromkeys(near or [name for name in away if name]))
