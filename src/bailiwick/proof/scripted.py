"""A router that runs RouterOS, beside its rules: what they speak of is made, and nothing listens past the filter.

The services on hardware addresses (MAC telnet, MAC WinBox) and neighbour discovery take frames before any rule of the
IP firewall sees them (manual, "MAC server", "Neighbor discovery"): whoever is on such an interface reaches the router.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.model import Device
from bailiwick.network.model import Network
from bailiwick.proof.difference import Difference, Kind, Meaning

UNFILTERED = frozenset({"MAC telnet", "MAC WinBox", "neighbour discovery"})


def scripted(network: Network, device: Device) -> Iterator[Difference]:
    """Nothing of a router that runs Linux."""
    if device.platform != "routeros":
        return
    for line, what in device.imported:
        yield Difference(Kind.SETTING, what, line=line)
    yield from _made(device)
    for uplink in network.uplinks.values():
        interface = device.interfaces.get(uplink.port)
        if uplink.tunnel and interface is not None and uplink.address not in interface.addresses:
            about = (Meaning(uplink.span, f"the uplink {uplink.name}"),)
            sentence = f"{interface.name} has not the address {uplink.address}"
            yield Difference(Kind.PLACE, sentence, line=interface.line, meant=about)
    for one in device.listeners:
        if one.name in UNFILTERED and (one.interfaces is None or one.interfaces):
            where = "every interface" if one.interfaces is None else ", ".join(sorted(one.interfaces))
            yield Difference(Kind.SETTING, f"{one.name} answers on {where}, past the filter", line=one.line)


def _made(device: Device) -> Iterator[Difference]:
    """Bridges and VLAN interfaces are there because a line adds them: other lines that name one do not make it."""
    every = device.interfaces.values()
    wanted = {one.master: "bridge" for one in every if one.master is not None}
    wanted |= {one.name: "bridge" for one in every if one.kind == "bridge"}
    wanted |= {one.name: "VLAN interface" for one in every if one.kind == "vlan"}
    for one in every:
        below = device.interfaces.get(one.parent or "")
        if below is not None and below.master is not None:
            sentence = f"{one.name} stands on {below.name}, whose frames go to {below.master}"
            yield Difference(Kind.WIRE, sentence, None, one.line)
    for name, what in wanted.items():
        made = device.interfaces.get(name)
        line = made.line if made else None
        if line is None or "add" not in line.text.split():
            yield Difference(Kind.WIRE, f"no line makes the {what} {name}", None, line)
