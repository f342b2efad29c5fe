"""Bridges that stand in each other's way, or in the way of the switch chip: slow, or set up in two places.

After MikroTik's manual, "Layer2 misconfiguration": bridges on a single switch chip, VLANs in a bridge with a physical
interface, bridge VLAN filtering without hardware offloading.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.model import Interface
from bailiwick.dataplane.tally import Line
from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding, Severity
from bailiwick.proof.audit.layer2 import Layer2
from bailiwick.proof.audit.reading import shown

_CHIP = "sets VLANs in the switch chip"


def bridges(context: Context) -> Iterator[Finding]:
    """Of exports alone."""
    if context.device.platform != "routeros":
        return
    layer = Layer2(context.device)
    yield from _of_vlans(layer)
    yield from _several(layer)
    yield from _chip(context, layer)


def _of_vlans(layer: Layer2) -> Iterator[Finding]:
    """Bridges of one VLAN each, made of VLAN interfaces on ports."""
    made = {bridge.name: [p for p in layer.ports(bridge.name) if p.kind == "vlan"] for bridge in layer.bridges}
    made = {name: ports for name, ports in made.items() if ports}
    if not made:
        return
    first = next(iter(made.values()))[0]
    seen = layer.frame(first.parent, first.vlan) if first.parent is not None and first.vlan is not None else None
    lines = [layer.device.interfaces[name].line for name in made] + [one.line for each in made.values() for one in each]
    yield Finding(
        "bridge-per-vlan",
        Severity.LOW,
        f"{shown(made)} {'is a bridge' if len(made) == 1 else 'are bridges'} of VLAN interfaces: "
        f"{shown(one.name for each in made.values() for one in each)}.",
        "The router's processor does then what its switch chip could, spanning trees of the ports below see tagged "
        "frames that they do not understand, and a port may be in two bridges at once.",
        str(seen) if seen is not None else "",
        tuple(dict.fromkeys(line for line in lines if line is not None)),
        "one bridge with vlan-filtering=yes, its ports in it, and a row of /interface bridge vlan for each VLAN",
    )


def _several(layer: Layer2) -> Iterator[Finding]:
    """One switch chip offloads one bridge."""
    wired = [one for one in layer.bridges if sum(p.kind == "ethernet" for p in layer.ports(one.name)) > 1]
    if len(wired) < 2:
        return
    yield Finding(
        "bridges-several",
        Severity.NOTE,
        f"{shown(one.name for one in wired)} each have several ports: most devices switch for one bridge alone.",
        "What passes in the others goes by the processor. They do part the networks, as VLANs would.",
        lines=_lines(wired),
        remedy="one bridge with vlan-filtering=yes, and a VLAN for each; or hw=no on the ports of the smaller ones",
    )


def _chip(context: Context, layer: Layer2) -> Iterator[Finding]:
    chip = [line for line, why in context.device.tally.unknown if _CHIP in why]
    if not chip or not layer.filtering:
        return
    name = layer.filtering[0].name
    yield Finding(
        "vlan-in-two-places",
        Severity.MEDIUM,
        f"VLANs are set up in the switch chip, and in {name} as well: which of the two a frame meets depends on the "
        "device.",
        "What is said here of who hears whom is of the bridge alone.",
        lines=(*chip, *_lines(list(layer.filtering))),
        remedy="/interface ethernet switch vlan remove [find]; /interface ethernet switch port set [find] "
        "vlan-mode=disabled; then the bridge says all",
    )


def _lines(found: list[Interface]) -> tuple[Line, ...]:
    return tuple(one.line for one in found if one.line is not None)
