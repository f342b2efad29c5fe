"""The bridges of one device: which ports they have, which VLANs stand on them, and where a frame that comes by a port
gets to. Frames are followed by the same rules as in the proof of layer 2 (``dataplane.segments``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bailiwick.dataplane.model import Device, Interface, Wiring
from bailiwick.dataplane.segments import Flood, Segments, Tags, bare, carried

_WIRED = frozenset({"ethernet", "wireless", "bonding", "unknown"})


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame that came by a port, and where it got to; ``str`` says so."""

    port: str
    tags: Tags
    flood: Flood

    @property
    def hearing(self) -> tuple[str, ...]:
        """The interfaces of the device that take it up, sorted."""
        return tuple(sorted(one.interface for one in self.flood.heard if not one.tags))

    @property
    def leaving(self) -> tuple[tuple[str, Tags], ...]:
        """The ports that it leaves by, each with the tags that it then has."""
        return tuple(sorted((one.port, one.tags) for one in self.flood.came if one.port != self.port))

    def __str__(self) -> str:
        ends = [f"{name} takes it up" for name in self.hearing]
        ends += [f"it leaves by {port} {_tagged(tags)}" for port, tags in self.leaving]
        return f"a frame by {self.port} {_tagged(self.tags)}: {'; '.join(ends) or 'it gets nowhere'}"


def _tagged(tags: Tags) -> str:
    return f"tagged {', '.join(str(tag) for tag in tags)}" if tags else "without a tag"


@dataclass(frozen=True)
class Layer2:
    device: Device

    @cached_property
    def segments(self) -> Segments:
        return Segments(Wiring({self.device.name: self.device}))

    @cached_property
    def bridges(self) -> tuple[Interface, ...]:
        """Those with ports, in the order of the configuration."""
        return tuple(
            one
            for one in self.device.interfaces.values()
            if one.kind == "bridge" and one.up and any(self.ports(one.name))
        )

    def ports(self, bridge: str) -> tuple[Interface, ...]:
        return tuple(one for one in self.device.interfaces.values() if one.master == bridge and one.up)

    def vlans(self, parent: str) -> tuple[Interface, ...]:
        """The VLAN interfaces on an interface."""
        interfaces = self.device.interfaces.values()
        return tuple(one for one in interfaces if one.kind == "vlan" and one.parent == parent and one.up)

    def filters(self, bridge: str) -> bool:
        return self.segments.filters(self.device.name, bridge)

    @cached_property
    def filtering(self) -> tuple[Interface, ...]:
        return tuple(one for one in self.bridges if self.filters(one.name))

    def frame(self, port: str, *tags: int) -> Seen:
        """What becomes of a frame that comes by a port of a bridge."""
        return Seen(port, tags, self.segments.arriving(self.device.name, port, tags))

    def into(self, bridge: str, vlan: int) -> Seen | None:
        """A frame of a VLAN as the first port that takes it gets it; None where no port takes any."""
        for port in self.ports(bridge):
            if vlan in port.tagged:
                return self.frame(port.name, vlan)
            if vlan == port.untagged and vlan in bare(port) and port.admits != "tagged":
                return self.frame(port.name)
        return None

    def trunks(self, bridge: str) -> tuple[Interface, ...]:
        return tuple(one for one in self.ports(bridge) if one.tagged)

    @cached_property
    def wired(self) -> tuple[Interface, ...]:
        """What a cable or a radio ends at."""
        return tuple(one for one in self.device.interfaces.values() if one.kind in _WIRED and one.up)

    def addressed(self, name: str) -> bool:
        one = self.device.interfaces.get(name)
        return one is not None and (bool(one.addresses) or one.dynamic)

    def served(self, name: str) -> bool:
        """Whether the device gives out addresses there."""
        return any(one.port == 67 and one.interfaces == frozenset({name}) for one in self.device.listeners)


__all__ = ["Layer2", "Seen", "bare", "carried"]
