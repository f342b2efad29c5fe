"""Who is at an end of layer 2, whose frames it may take up, and in which words a frame's way is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bailiwick.dataplane.model import Interface
from bailiwick.dataplane.segments import Flood, Frame, Heard, Port, Segments, Tags, carried
from bailiwick.dataplane.tally import Line
from bailiwick.network.model import Network, Zone
from bailiwick.proof.difference import Meaning
from bailiwick.proof.places import Places
from bailiwick.proof.wired import BRIDGE, Carried, Machines, Plug, Wired


@dataclass
class Hearing:
    """``places`` are the router's."""

    network: Network
    places: Places
    machines: Machines
    site: Wired

    @cached_property
    def segments(self) -> Segments:
        return Segments(self.site.wiring)

    @cached_property
    def plugs(self) -> dict[Port, Plug]:
        return {plug.at: plug for plug in self.site.plugs}

    @cached_property
    def routed(self) -> dict[Port, str]:
        """The router's interfaces that stand for a zone, and its name."""
        names = {zone.id: zone.name for zone in self.network.zones.values()}
        router = self.network.router.name
        return {(router, one): names[place] for one, place in self.places.by_interface.items() if place in names}

    @cached_property
    def own(self) -> dict[Port, str]:
        """The interfaces by which switches and devices are managed, told by their addresses, and the zone of each."""
        found: dict[Port, str] = {}
        for switch in self.network.switches.values():
            device = self.machines.devices.get(switch.name)
            for interface in device.interfaces.values() if device and switch.zone else ():
                if any(address.ip == switch.address for address in interface.addresses):
                    found[switch.name, interface.name] = switch.zone or ""
        for appliance in self.network.devices.values():
            zone = next((zone.name for zone in self.network.zones.values() if zone.id == appliance.place), None)
            if zone is not None and appliance.name not in self.network.switches:
                found[appliance.name, BRIDGE] = zone
        return found

    @cached_property
    def vlans(self) -> tuple[int, ...]:
        """Every VLAN that anybody speaks of, and one that nobody does."""
        found = {zone.vlan for zone in self.network.zones.values() if zone.vlan is not None}
        for device in self.machines.devices.values():
            for one in device.interfaces.values():
                found |= carried(one) | ({one.vlan} if one.vlan is not None else set())
        spare = next(number for number in range(2, 4095) if number not in found)
        return (*sorted(found), spare)

    # ---- whose

    def zone_of(self, heard: Heard) -> str | None:
        """The zone whose frames an end may take up as these come; None: nobody's."""
        if heard.at in self.plugs:
            return self.sent(self.plugs[heard.at].carried, heard.tags)
        return None if heard.tags else self.routed.get(heard.at) or self.own.get(heard.at)

    @staticmethod
    def sent(meant: Carried, tags: Tags) -> str | None:
        """The zone of frames on a wire: of their outermost tag, or else of those that have none. A tag that nothing
        is meant by there is the business of whoever put it on, as long as it stays in that zone."""
        return meant.get(tags[:1]) or meant.get(())

    def stray(self, flood: Flood, zone: str | None) -> Iterator[Heard]:
        """Who hears it and is no end of the zone. A machine of ours drops what bears a tag that it has no interface
        for; whoever is plugged in hears that too."""
        for heard in flood.heard:
            deaf = bool(heard.tags) and heard.at not in self.plugs
            if not deaf and (zone is None or self.zone_of(heard) != zone):
                yield heard

    def ends(self, zone: Zone) -> Iterator[tuple[Port, Tags, tuple[Meaning, ...]]]:
        """Where the zone is heard, with which tags, but for the router."""
        for at, name in self.own.items():
            if name == zone.name:
                span = (self.network.switches.get(at[0]) or self.network.devices[at[0]]).span
                yield at, (), (Meaning(span, f"where {at[0]} is managed"), about(zone))
        for plug in self.site.plugs:
            for tags, name in plug.carried.items():
                if name == zone.name:
                    yield plug.at, tags, plug.meant

    # ---- words and lines

    def way(self, flood: Flood, heard: Heard) -> str:
        """``cloud/eth0 → hv/ens1 tagged 20 → gate/services``."""
        steps = [(frame.device, frame.port, frame.tags) for frame in flood.path(heard)]
        words = [words_of(device, port) + tagged(tags) for device, port, tags in steps]
        last = [words_of(*heard.at)] if heard.interface else []
        return " → ".join((*words, *last))

    def line(self, flood: Flood, heard: Heard, first: Port | None = None) -> Line | None:
        """Of the first port on the way whose VLANs are not those that the home file has there; ``first`` is where it
        came in. Where none is: of the last port of ours that it leaves by, or of the interface that takes it up where
        that is ours."""
        path = flood.path(heard)
        if first is not None and (line := self.wrong(first)) is not None:
            return line
        for frame in path:
            links = (link for link in self.site.wiring.links if (frame.device, frame.port) in (link.a, link.b))
            for port in ((frame.device, frame.port), *(end for link in links for end in (link.a, link.b))):
                if (line := self.wrong(port)) is not None:
                    return line
        for frame in reversed(path):
            if frame.device in self.network.switches and (line := self.line_of(frame)) is not None:
                return line
        device = self.machines.devices.get(heard.device)
        one = device.interfaces.get(heard.interface) if device else None
        return one.line if one else None

    def wrong(self, port: Port) -> Line | None:
        """The line by which a port of ours has other VLANs than it is to have; None where it has those."""
        device = self.machines.devices.get(port[0])
        one = device.interfaces.get(port[1]) if device else None
        if one is None or port[0] not in self.network.switches:
            return None
        lines = dict(one.vlan_lines)
        meant = self.site.carried.get(port, {})
        native = self.network.zones[meant[()]].vlan if () in meant else None
        tagged = {tags[0] for tags in meant if tags}
        if one.master is not None and not self.segments.filters(port[0], one.master):
            return device.interfaces[one.master].line if device and one.master in device.interfaces else one.line
        if one.lax:
            return one.vlan_line or one.line
        if one.untagged != native and one.untagged is not None:
            return lines.get(one.untagged, one.vlan_line or one.line)
        extra = carried(one) - tagged - {native}
        if extra or native in one.tagged or one.bare & tagged:
            return lines.get(min(extra | (one.bare & tagged) or {0}), one.vlan_line or one.line)
        return None

    def line_of(self, frame: Frame) -> Line | None:
        """Where the port's VLAN is given that the frame leaves in."""
        device = self.machines.devices.get(frame.device)
        one = device.interfaces.get(frame.port) if device else None
        if one is None:
            return None
        lines = dict(one.vlan_lines)
        number = frame.tags[0] if frame.tags else one.untagged
        return lines.get(number, one.vlan_line or one.line) if number is not None else one.vlan_line or one.line

    def without(self, zone: Zone) -> tuple[Port, Interface] | None:
        """A port of ours whose VLANs are not those that carry the zone there."""
        for (name, port), meant in self.site.carried.items():
            device = self.machines.devices.get(name)
            one = device.interfaces.get(port) if device else None
            if one is None or one.master is None:
                continue
            for tags, other in meant.items():
                wrong = one.untagged != zone.vlan if not tags else tags[0] not in one.tagged
                if other == zone.name and wrong:
                    return (name, port), one
        for name, device in self.machines.devices.items():
            for bridge in device.interfaces.values():
                above = [one for one in device.interfaces.values() if one.parent == bridge.name]
                lacks = any(one.vlan == zone.vlan and one.vlan not in carried(bridge) for one in above)
                if bridge.kind == "bridge" and lacks:
                    return (name, bridge.name), bridge
        return None


def about(zone: Zone) -> Meaning:
    """The zone's own line."""
    return Meaning(zone.span, f"the zone {zone.name}")


def words_of(device: str, port: str) -> str:
    """``hv/ens1``; an open port has no name of its own."""
    return "/".join(filter(None, (device, port)))


def tagged(tags: Tags) -> str:
    """`` tagged 20``, or nothing."""
    return f" tagged {' and '.join(map(str, tags))}" if tags else ""
