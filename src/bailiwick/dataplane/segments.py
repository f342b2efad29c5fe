"""Where a frame goes that leaves an interface: along the links, through bridges, to every interface that hears it.

A segment is told by ends: a device, a port, and the tag of the frames there. A VLAN interface speaks with its tag on
its parent; a bridge joins its ports, one that filters VLANs only those that carry the same (IEEE 802.1Q, section 8.8;
ip-link(8), bridge(8)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bailiwick.dataplane.model import Device, Interface, Wiring

Port = tuple[str, str]
"""A device and one of its interfaces."""


@dataclass(frozen=True, slots=True)
class End:
    """Frames at a port; ``tag`` None without one."""

    device: str
    port: str
    tag: int | None


@dataclass(frozen=True)
class Segments:
    wiring: Wiring

    @cached_property
    def _links(self) -> dict[Port, list[Port]]:
        found: dict[Port, list[Port]] = {}
        for link in self.wiring.links:
            found.setdefault(link.a, []).append(link.b)
            found.setdefault(link.b, []).append(link.a)
        return found

    def hearing(self, device: str, interface: str) -> tuple[Port, ...]:
        """The interfaces of other devices, and other ones of its own, that hear what it sends; sorted."""
        heard: set[Port] = set()
        seen: set[End] = set()
        pending = list(self._out(device, self._of(device, interface), None))
        while pending:
            end = pending.pop()
            if end in seen:
                continue
            seen.add(end)
            for other, port in self._links.get((end.device, end.port), ()):
                arrived = End(other, port, end.tag)
                heard.update(self._in(arrived))
                pending += self._through(arrived)
        return tuple(sorted(heard - {(device, interface)}))

    def _of(self, device: str, interface: str) -> Interface:
        return self.wiring.devices[device].interfaces.get(interface, Interface(interface))

    def _out(self, device: str, interface: Interface, tag: int | None) -> Iterator[End]:
        """The ends by which an interface's frames leave its device."""
        if interface.kind == "vlan" and interface.parent is not None:
            if tag is None:
                yield from self._out(device, self._of(device, interface.parent), interface.vlan)
            return
        members = [one for one in self.wiring.devices[device].interfaces.values() if one.master == interface.name]
        own = tag if tag in interface.tagged else interface.untagged if tag is None else None
        for member in members:
            if self._filters(device, interface.name):
                yield from self._by_table(device, member, own)
            else:
                yield from self._out(device, member, tag)
        if not members:
            yield End(device, interface.name, tag)

    def _by_table(self, device: str, member: Interface, vlan: int | None) -> Iterator[End]:
        """A port of a bridge that filters: the VLAN leaves with its tag, or without where it is the untagged one.

        What is in no VLAN (None) leaves by none.
        """
        if vlan is not None and vlan == member.untagged:
            yield End(device, member.name, None)
        elif vlan in member.tagged:
            yield End(device, member.name, vlan)

    def _in(self, end: End) -> Iterator[Port]:
        """The interfaces that take up what arrives at an end: those that would send by it."""
        for interface in self.wiring.devices[end.device].interfaces.values():
            if interface.master is None and end in set(self._out(end.device, interface, None)):
                yield end.device, interface.name

    def _through(self, end: End) -> Iterator[End]:
        """The other ends that a bridge of the device sends it on by."""
        device: Device = self.wiring.devices[end.device]
        port = device.interfaces.get(end.port)
        carriers = [port] if port is not None and end.tag is None else []
        carriers += [
            one
            for one in device.interfaces.values()
            if one.kind == "vlan" and one.parent == end.port and one.vlan == end.tag
        ]
        if port is not None and port.master is not None and self._filters(end.device, port.master):
            vlan = port.untagged if end.tag is None else end.tag
            if end.tag is None or end.tag in port.tagged:
                for member in device.interfaces.values():
                    apart = port.isolated and member.isolated
                    if member.master == port.master and member != port and not apart:
                        yield from self._by_table(end.device, member, vlan)
            return
        for carrier in carriers:
            if carrier.master is None:
                continue
            for member in device.interfaces.values():
                if member.master == carrier.master and member != carrier and not (carrier.isolated and member.isolated):
                    yield from self._out(end.device, member, None)

    def _filters(self, device: str, bridge: str) -> bool:
        settings = self.wiring.devices[device].settings
        named = any(
            one.tagged or one.untagged
            for one in self.wiring.devices[device].interfaces.values()
            if one.master == bridge
        )
        return named and settings.get(f"bridge.{bridge}.vlan_filtering", "1") == "1"
