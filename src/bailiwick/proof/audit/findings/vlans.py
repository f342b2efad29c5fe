"""Bridges of RouterOS whose VLAN table does not do what somebody meant by it.

What each setting does: MikroTik's manual, "Bridge VLAN Table" and "Layer2 misconfiguration".
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.model import Interface
from bailiwick.dataplane.tally import Line
from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding, Severity
from bailiwick.proof.audit.layer2 import Layer2, Seen, bare, carried
from bailiwick.proof.audit.reading import shown


def vlans(context: Context) -> Iterator[Finding]:
    """Of exports alone: a Linux bridge has other commands, and other defaults."""
    if context.device.platform != "routeros":
        return
    layer = Layer2(context.device)
    yield from _on_ports(layer)
    for bridge in layer.bridges:
        if layer.filters(bridge.name):
            yield from _without_bridge(layer, bridge)
            yield from _on_bridge(layer, bridge)
            yield from _mismatched(layer, bridge)
            yield from _untagged_trunks(layer, bridge)
            yield from _lax(layer, bridge)
        else:
            yield from _unfiltered(layer, bridge)
    yield from _first(layer)


def _lines(*found: Line | None) -> tuple[Line, ...]:
    return tuple(dict.fromkeys(line for line in found if line is not None))


def _where(one: Interface, vlan: int) -> Line | None:
    """Where a port is given a VLAN."""
    return next((line for number, line in reversed(one.vlan_lines) if number == vlan), one.vlan_line or one.line)


def _without_bridge(layer: Layer2, bridge: Interface) -> Iterator[Finding]:
    """A VLAN interface whose frames the bridge never hands up; from version 7.16 on the bridge does so by itself."""
    for one in layer.vlans(bridge.name):
        if one.vlan is None or one.vlan in carried(bridge):
            continue
        seen = layer.into(bridge.name, one.vlan)
        if seen is not None and one.name in seen.hearing:
            continue
        tagged = _tagged(layer, bridge, one.vlan)
        change = (
            f"set [find vlan-ids={one.vlan}] tagged={','.join((bridge.name, *tagged))}"
            if tagged
            else f"add bridge={bridge.name} tagged={bridge.name} vlan-ids={one.vlan}"
        )
        yield Finding(
            "vlan-without-bridge",
            Severity.MEDIUM,
            f"{one.name} hears nothing: VLAN {one.vlan} is not carried to {bridge.name} itself.",
            "The bridge is a port of its own: without it among `tagged`, the router has no part in that VLAN, and "
            "serves neither addresses nor a way out there.",
            str(seen) if seen else "",
            _lines(one.line, *_rows(layer, bridge, one.vlan)),
            f"/interface bridge vlan {change}",
        )


def _tagged(layer: Layer2, bridge: Interface, vlan: int) -> list[str]:
    return [port.name for port in layer.ports(bridge.name) if vlan in port.tagged]


def _rows(layer: Layer2, bridge: Interface, vlan: int) -> list[Line]:
    """The rows of the table that name a VLAN."""
    return [line for port in layer.ports(bridge.name) for number, line in port.vlan_lines if number == vlan][:1]


def _on_ports(layer: Layer2) -> Iterator[Finding]:
    for one in layer.device.interfaces.values():
        parent = layer.device.interfaces.get(one.parent or "")
        if one.kind != "vlan" or not one.up or one.vlan is None or parent is None or parent.master is None:
            continue
        seen = layer.frame(parent.name, one.vlan)
        if one.name in seen.hearing:
            continue
        yield Finding(
            "vlan-on-port",
            Severity.MEDIUM,
            f"{one.name} hears nothing: it stands on {parent.name}, which is a port of {parent.master}.",
            "What comes by a port of a bridge is the bridge's before any VLAN interface sees it.",
            str(seen),
            _lines(one.line, parent.line),
            f"/interface vlan set [find name={one.name}] interface={parent.master}",
        )


def _on_bridge(layer: Layer2, bridge: Interface) -> Iterator[Finding]:
    """An address on the bridge itself, beside VLANs: a network without a tag on every port that takes such frames."""
    them = layer.vlans(bridge.name)
    if not them or not layer.addressed(bridge.name):
        return
    seen = next(
        (one for port in layer.ports(bridge.name) if bridge.name in (one := layer.frame(port.name)).hearing), None
    )
    served = " and gives out addresses" if layer.served(bridge.name) else ""
    yield Finding(
        "address-on-bridge",
        Severity.LOW,
        f"{bridge.name} has an address of its own{served}, beside {shown(one.name for one in them)}.",
        f"That network is VLAN {bridge.untagged} without a tag: whoever is on a port that nobody gave a VLAN is in it."
        if seen
        else "No port takes frames for it: nobody reaches that address.",
        str(seen) if seen else "",
        _lines(bridge.line, *(one.line for one in them)),
        f"give it a VLAN: /interface vlan add interface={bridge.name} name=home vlan-id=10, then "
        f"/ip address set [find interface={bridge.name}] interface=home",
    )


def _mismatched(layer: Layer2, bridge: Interface) -> Iterator[Finding]:
    """Ports that give out a VLAN without its tag, and take frames without a tag for another."""
    for port in layer.ports(bridge.name):
        others = bare(port) - {port.untagged}
        if not others:
            continue
        vlan = min(others)
        seen = _leaking(layer, bridge, port, vlan)
        takes = f"as VLAN {port.untagged}" if port.untagged is not None else "not at all"
        yield Finding(
            "vlan-untagged-twice",
            Severity.MEDIUM,
            f"{port.name} gives out VLAN {shown(str(one) for one in sorted(others))} without a tag, and takes frames "
            f"without one {takes}.",
            "Whoever is on that port hears what is sent in a VLAN that is not his.",
            str(seen) if seen else "",
            _lines(_where(port, vlan), port.vlan_line),
            f"/interface bridge port set [find interface={port.name}] pvid={vlan}, or take {port.name} out of "
            f"`untagged` in the row of VLAN {vlan}: each row one VLAN",
        )


def _leaking(layer: Layer2, bridge: Interface, port: Interface, vlan: int) -> Seen | None:
    for other in layer.ports(bridge.name):
        if other.name == port.name:
            continue
        for tags in ((vlan,), ()):
            seen = layer.frame(other.name, *tags)
            if (port.name, ()) in seen.leaving and (tags or other.untagged == vlan):
                return seen
    return None


def _untagged_trunks(layer: Layer2, bridge: Interface) -> Iterator[Finding]:
    """Trunks that take frames without a tag as well, in a VLAN that nobody chose."""
    for port in layer.trunks(bridge.name):
        if port.untagged != 1 or port.admits == "tagged":
            continue
        seen = layer.frame(port.name)
        if not seen.hearing and not seen.leaving:
            continue
        inside = bridge.name in seen.hearing and layer.addressed(bridge.name)
        yield Finding(
            "vlan-trunk-untagged",
            Severity.MEDIUM if inside else Severity.LOW,
            f"The trunk {port.name} takes frames without a tag as well: they are in VLAN 1"
            + (f", where {bridge.name} has its address." if inside else "."),
            "Every port that nobody gave a VLAN is in VLAN 1, and the bridge too.",
            str(seen),
            _lines(port.vlan_line),
            f"/interface bridge port set [find interface={port.name}] frame-types=admit-only-vlan-tagged "
            "ingress-filtering=yes",
        )


def _lax(layer: Layer2, bridge: Interface) -> Iterator[Finding]:
    """Ports that take frames of VLANs that they are not in. Answers do not come back, but what is sent gets in."""
    ports = [port for port in layer.ports(bridge.name) if port.lax]
    every = sorted(set().union(*(carried(port) for port in (bridge, *layer.ports(bridge.name)))))
    for port in ports:
        others = [vlan for vlan in every if vlan not in carried(port)]
        seen = next((one for vlan in others if (one := layer.frame(port.name, vlan)).hearing or one.leaving), None)
        if seen is None:
            continue
        yield Finding(
            "vlan-not-filtered",
            Severity.MEDIUM,
            f"{port.name} takes frames of every VLAN, its own or not: VLAN {seen.tags[0]} is not, and gets in.",
            "Without ingress filtering the table is asked only where a frame leaves.",
            str(seen),
            _lines(port.vlan_line),
            f"/interface bridge port set [find interface={port.name}] ingress-filtering=yes",
        )


def _unfiltered(layer: Layer2, bridge: Interface) -> Iterator[Finding]:
    """VLANs on a bridge that does not look at them: every port hears every VLAN, and may send in it."""
    rows = layer.device.settings.get(f"/interface/bridge {bridge.name} vlan-ids", "")
    them, ports = layer.vlans(bridge.name), layer.ports(bridge.name)
    if len(ports) < 2 or not (rows or them):
        return
    vlan = next((one.vlan for one in them if one.vlan is not None), None)
    seen = layer.frame(ports[0].name, vlan) if vlan is not None else layer.frame(ports[0].name)
    why = f"its table, of VLAN {rows}, is not looked at" if rows else f"{shown(one.name for one in them)} stand on it"
    yield Finding(
        "vlan-filtering-off",
        Severity.HIGH if rows else Severity.MEDIUM,
        f"{bridge.name} keeps no VLANs apart: {why}.",
        "Whoever is on any of its ports may send in every VLAN, and hears all of them.",
        str(seen),
        _lines(bridge.line, *(one.line for one in them)),
        f"/interface bridge set {bridge.name} vlan-filtering=yes, as the last step, from a port off the bridge or in "
        "safe mode",
    )


def _first(layer: Layer2) -> Iterator[Finding]:
    """VLAN 1 with a tag: most devices take it for the one without."""
    named = [one for one in layer.device.interfaces.values() if one.kind == "vlan" and one.vlan == 1 and one.up]
    ports = [one for bridge in layer.filtering for one in (bridge, *layer.ports(bridge.name)) if 1 in one.tagged]
    ports = [one for one in ports if not (one in layer.bridges and any(v.parent == one.name for v in named))]
    if not named and not ports:
        return
    names = dict.fromkeys(one.name for one in (*named, *ports))
    port = next((one for one in ports if one.master), None)
    yield Finding(
        "vlan-one-tagged",
        Severity.LOW,
        f"VLAN 1 is used with a tag, by {shown(names)}.",
        "It is where frames without a tag are by default: one device takes the two for the same network, another "
        "does not.",
        str(layer.frame(port.name, 1)) if port is not None else "",
        _lines(*(one.line for one in named), *(_where(one, 1) for one in ports)),
        "take another number for it, from 2 to 4094, at both ends of the cable",
    )
