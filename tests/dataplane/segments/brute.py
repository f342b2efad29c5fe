"""Frames flooded step by step, by rules written out for every port and tag: the slow twin of ``Segments``.

Nothing of it is clever: a set of all frames anywhere grows until no rule adds one.
"""

from __future__ import annotations

from bailiwick.dataplane.model import Device, Interface, Wiring

Tags = tuple[int, ...]
Place = tuple[str, str, str, Tags]
"""``in``, ``out`` or ``gone``, a device, an interface, the tags there."""


def flooded(wiring: Wiring, device: str, interface: str, tags: Tags = ()) -> set[tuple[str, str, Tags]]:
    """Every interface that is left with the frame, and with which tags."""
    frames: set[Place] = {("out", device, interface, tags)}
    while True:
        more = {new for frame in frames for new in steps(wiring, frame)} - frames
        if not more:
            break
        frames |= more
    return {(d, i, t) for way, d, i, t in frames if way == "in" and not list(steps(wiring, (way, d, i, t)))}


def steps(wiring: Wiring, frame: Place) -> list[Place]:
    way, name, port, tags = frame
    if way == "gone":
        return []
    device = wiring.devices[name]
    one = device.interfaces.get(port) or Interface(port)
    ports = [other for other in device.interfaces.values() if other.master == port]
    if way == "out" and one.kind == "vlan":
        return [("out", name, str(one.parent), (one.vlan or 0, *tags))] if len(tags) < 4 else []
    if way == "out" and one.kind == "bridge":
        return [("out", name, other.name, left) for other in ports for left in passed(device, one, one, other, tags)]
    if way == "out":
        ends = [link.b for link in wiring.links if link.a == (name, port)]
        ends += [link.a for link in wiring.links if link.b == (name, port)]
        return [("in", there, at, tags) for there, at in ends]
    taking = [v for v in device.interfaces.values() if v.kind == "vlan" and v.parent == port and tags[:1] == (v.vlan,)]
    if taking and (device.platform == "linux" or one.master is None):
        return [("in", name, taking[0].name, tags[1:])]
    if one.master is None:
        return []
    bridge = device.interfaces[one.master]
    found: list[Place] = []
    for other in device.interfaces.values():
        apart = (one.isolated and other.isolated) or (one.horizon != "" and one.horizon == other.horizon)
        if other.master == bridge.name and other.name != port and not apart:
            found += [("out", name, other.name, left) for left in passed(device, bridge, one, other, tags)]
    # The bridge drops for itself what it may not hear: a place of nobody's, so that this frame is not "left with" it.
    up = [("in", name, bridge.name, left) for left in passed(device, bridge, one, bridge, tags)]
    return found + (up or [("gone", name, bridge.name, tags)])


def passed(device: Device, bridge: Interface, port: Interface, other: Interface, tags: Tags) -> list[Tags]:
    """With which tags a frame that comes by ``port`` is at ``other``; nothing where it does not get there."""
    said = [f"bridge.{bridge.name}.vlan_filtering", f"/interface/bridge {bridge.name} vlan-filtering"]
    if [device.settings[key] for key in said if key in device.settings] in (["0"], ["no"]):
        return [tags]
    entering: dict[int | None, int] = {}
    for vlan in tags[:1]:
        if port.lax or vlan in port.tagged or vlan in port.bare or vlan == port.untagged:
            entering[vlan] = vlan
    if port.untagged is not None:
        entering[None] = port.untagged
    if port.admits == "tagged":
        entering.pop(None, None)
    if port.admits == "untagged":
        entering = {tag: vlan for tag, vlan in entering.items() if tag is None}
    leaving: dict[int, Tags] = {vlan: (vlan,) for vlan in other.tagged}
    leaving |= dict.fromkeys(other.bare, ())
    if other.untagged is not None and other.untagged not in other.tagged:
        leaving[other.untagged] = ()
    into = entering.get(tags[0] if tags else None)
    return [leaving[into] + tags[1:]] if into in leaving else []
