"""Where a frame goes that leaves an interface: along the links, through bridges, to every interface that hears it.

A frame is told by where it is and by its tags. A VLAN interface speaks with its tag on its parent, and takes that tag
before any bridge does that the parent is a port of (``__netif_receive_skb_core`` of the kernel's net/core/dev.c;
RouterOS has it the other way round). A bridge that does not filter passes every frame as it is. One that does puts a
frame into the VLAN of its tag or of the port, takes it where the port is in that VLAN, and sends it by every other
port that is (IEEE 802.1Q, 6.9 and 8.6; ``br_allowed_ingress`` and ``br_handle_vlan`` of net/bridge/br_vlan.c). The
bridge itself is one of its ports, for what it takes up and sends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from bailiwick.dataplane.model import Interface, Wiring

Port = tuple[str, str]
"""A device and one of its interfaces."""
Tags = tuple[int, ...]
"""VLAN ids of a frame, the outermost first."""
BONDS = frozenset({"bond", "bonding"})


@dataclass(frozen=True, slots=True, order=True)
class Frame:
    """A frame on the wire of a port, whichever way it goes there."""

    device: str
    port: str
    tags: Tags


@dataclass(frozen=True, slots=True, order=True)
class Heard:
    """An interface takes up a frame; with ``tags`` that are left, only who looks at raw frames does."""

    device: str
    interface: str
    tags: Tags

    @property
    def at(self) -> Port:
        return self.device, self.interface


@dataclass(frozen=True, slots=True)
class Flood:
    """One frame everywhere it gets to. ``came`` maps each frame that left a device by a port to the one before it,
    None for the first; ``heard`` maps who took it up to the frame as it left the last port."""

    came: Mapping[Frame, Frame | None]
    heard: Mapping[Heard, Frame | None]

    def path(self, heard: Heard) -> tuple[Frame, ...]:
        """The ports by which it left, from the first to the last."""
        found: list[Frame] = []
        frame = self.heard[heard]
        while frame is not None:
            found.append(frame)
            frame = self.came[frame]
        return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class _Within:
    """A frame inside a device: an interface is about to send it, or has received it."""

    device: str
    interface: str
    tags: Tags
    sends: bool


_Event = Frame | Heard | _Within


@dataclass(frozen=True)
class Segments:
    wiring: Wiring

    def hearing(self, device: str, interface: str) -> tuple[Port, ...]:
        """The interfaces of other devices, and other ones of its own, that hear what it sends; sorted."""
        heard = {one.at for one in self.flood(device, interface).heard if not one.tags}
        return tuple(sorted(heard - {(device, interface)}))

    def flood(self, device: str, interface: str, tags: Tags = ()) -> Flood:
        """What an interface sends to everybody, with these tags."""
        return self._spread(_Within(device, interface, tags, sends=True))

    def arriving(self, device: str, port: str, tags: Tags = ()) -> Flood:
        """What comes to a port by its wire."""
        return self._spread(_Within(device, port, tags, sends=False))

    def _spread(self, first: _Event) -> Flood:
        came: dict[Frame, Frame | None] = {}
        heard: dict[Heard, Frame | None] = {}
        seen: set[_Within] = set()
        pending: deque[tuple[_Event, Frame | None]] = deque([(first, None)])
        while pending:
            event, before = pending.popleft()
            if isinstance(event, Heard):
                heard.setdefault(event, before)
            elif isinstance(event, Frame):
                if event not in came:
                    came[event] = before
                    others = self._links.get((event.device, event.port), ())
                    pending += [(_Within(other, port, event.tags, sends=False), event) for other, port in others]
            elif event not in seen:
                seen.add(event)
                following = self._sent(event) if event.sends else self._taken(event)
                pending += [(one, before) for one in following]
        return Flood(came, heard)

    # ---- within a device

    def _sent(self, event: _Within) -> Iterator[_Event]:
        """The next step when one of a device's interfaces sends."""
        device, tags, interface = event.device, event.tags, self._of(event.device, event.interface)
        if interface.kind == "vlan" and interface.parent is not None and interface.vlan is not None:
            if len(tags) < DEEPEST:
                yield _Within(device, interface.parent, (interface.vlan, *tags), sends=True)
        elif interface.kind in BONDS:
            for member in self._members(device, interface.name):
                yield _Within(device, member.name, tags, sends=True)
        elif interface.kind == "bridge" or self._members(device, interface.name):
            yield from self._bridged(device, interface, None, tags)
        else:
            yield Frame(device, interface.name, tags)

    def _taken(self, event: _Within) -> Iterator[_Event]:
        """The next step when an interface of a device has received a frame."""
        device, tags, interface = event.device, event.tags, self._of(event.device, event.interface)
        if not interface.up:
            return
        first = self.wiring.devices[device].platform != "routeros" or interface.master is None
        inner = self._vlans.get((device, interface.name, tags[0])) if tags and first else None
        if inner is not None:
            yield _Within(device, inner.name, tags[1:], sends=False)
        elif interface.master is None:
            yield Heard(device, interface.name, tags)
        elif self._of(device, interface.master).kind in BONDS:
            yield _Within(device, interface.master, tags, sends=False)
        else:
            yield from self._bridged(device, self._of(device, interface.master), interface, tags)

    def _bridged(self, device: str, bridge: Interface, port: Interface | None, tags: Tags) -> Iterator[_Event]:
        """``port`` None: the bridge itself sends."""
        others = [one for one in self._members(device, bridge.name) if port is None or _joined(port, one)]
        if not self.filters(device, bridge.name):
            for member in others:
                yield _Within(device, member.name, tags, sends=True)
            if port is not None:
                yield _Within(device, bridge.name, tags, sends=False)
            return
        vlan, inner = _classified(port or bridge, tags)
        if vlan is None:
            return
        for member in others:
            if vlan in carried(member):
                yield _Within(device, member.name, inner if vlan in bare(member) else (vlan, *inner), sends=True)
        if port is not None and vlan in carried(bridge):
            yield _Within(device, bridge.name, inner if vlan in bare(bridge) else (vlan, *inner), sends=False)

    # ---- what there is

    def filters(self, device: str, bridge: str) -> bool:
        """Whether a bridge looks at VLANs. Where nothing says so: if any of its ports has some."""
        settings = self.wiring.devices[device].settings
        said = settings.get(f"bridge.{bridge}.vlan_filtering")
        if said is None:
            said = settings.get(f"/interface/bridge {bridge} vlan-filtering")
        if said is not None:
            return said in ("1", "yes")
        return any(carried(one) for one in (self._of(device, bridge), *self._members(device, bridge)))

    @cached_property
    def _links(self) -> dict[Port, list[Port]]:
        found: dict[Port, list[Port]] = {}
        for link in self.wiring.links:
            found.setdefault(link.a, []).append(link.b)
            found.setdefault(link.b, []).append(link.a)
        return found

    @cached_property
    def _ports(self) -> dict[Port, list[Interface]]:
        found: dict[Port, list[Interface]] = {}
        for name, device in self.wiring.devices.items():
            for one in device.interfaces.values():
                if one.master is not None and one.up:
                    found.setdefault((name, one.master), []).append(one)
        return found

    @cached_property
    def _vlans(self) -> dict[tuple[str, str, int], Interface]:
        return {
            (name, one.parent, one.vlan): one
            for name, device in self.wiring.devices.items()
            for one in device.interfaces.values()
            if one.kind == "vlan" and one.parent is not None and one.vlan is not None
        }

    def _members(self, device: str, bridge: str) -> list[Interface]:
        return self._ports.get((device, bridge), [])

    def _of(self, device: str, interface: str) -> Interface:
        return self.wiring.devices[device].interfaces.get(interface, Interface(interface))


DEEPEST = 4
"""Tags on one frame, as far as they are followed: VLANs within VLANs of a loop would pile up without end."""


def carried(port: Interface) -> frozenset[int]:
    """The VLANs that a port of a filtering bridge is in."""
    own = frozenset() if port.untagged is None else frozenset({port.untagged})
    return port.tagged | port.bare | own


def bare(port: Interface) -> frozenset[int]:
    """Those of them whose frames leave it without a tag."""
    if port.untagged is None or port.untagged in port.tagged:
        return port.bare
    return port.bare | {port.untagged}


def _classified(port: Interface, tags: Tags) -> tuple[int | None, Tags]:
    """The VLAN that a frame belongs to when it comes in by a port, and the tags below; None: it is not taken."""
    if not tags:
        return (None if port.admits == "tagged" else port.untagged), ()
    if port.admits == "untagged" or not (port.lax or tags[0] in carried(port)):
        return None, ()
    return tags[0], tags[1:]


def _joined(port: Interface, other: Interface) -> bool:
    apart = (port.isolated and other.isolated) or (port.horizon != "" and port.horizon == other.horizon)
    return port.name != other.name and not apart
