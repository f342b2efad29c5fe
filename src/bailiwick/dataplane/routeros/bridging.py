"""Bridges: which interface is whose port, and the VLANs that each port carries."""

from __future__ import annotations

from dataclasses import replace

from bailiwick.dataplane.model import Interface
from bailiwick.dataplane.routeros.item import Item
from bailiwick.dataplane.routeros.items import Configuration
from bailiwick.dataplane.routeros.values import number, vlans
from bailiwick.dataplane.tally import Line

_ADMITS = {
    "admit-all": "all",
    "admit-only-vlan-tagged": "tagged",
    "admit-only-untagged-and-priority-tagged": "untagged",
}
_STRICT = 7
"""From this major version on a port takes no frames of VLANs that it is not in, unless it is told to."""
_SELF_TAGGING = (7, 16)
"""From this version on a bridge carries, by itself, the VLAN of an interface that sits on it."""


def join_bridges(configuration: Configuration, interfaces: dict[str, Interface]) -> None:
    """Give ports their bridge; where a bridge filters, give it and them their VLANs."""
    ports: dict[str, Item] = {}
    for item in configuration.of("interface/bridge/port"):
        name, bridge = item.get("interface"), item.get("bridge")
        if name.startswith("*") or bridge.startswith("*") or not bridge:
            configuration.ignore(item, "what it names is gone")
            continue
        configuration.understand(item)
        for one in _members(configuration, name):
            ports[one] = item
            found = interfaces.get(one, Interface(one, "unknown", line=item.line))
            horizon = item.get("horizon", "none")
            interfaces[one] = replace(found, master=bridge, horizon="" if horizon == "none" else horizon)
        interfaces.setdefault(bridge, Interface(bridge, "bridge", line=item.line))
    bridges = {item.get("name"): item for item in configuration.items.get("interface/bridge", ()) if not item.disabled}
    filtering = {name for name, item in bridges.items() if item.yes("vlan-filtering")}
    for name in filtering:
        _untagged(configuration, interfaces, name, bridges[name])
        for port, item in ports.items():
            if interfaces[port].master == name:
                _untagged(configuration, interfaces, port, item)
    for item in configuration.of("interface/bridge/vlan"):
        _table(configuration, interfaces, item, filtering)
    if configuration.version is not None and configuration.version >= _SELF_TAGGING:
        for interface in list(interfaces.values()):
            if interface.kind == "vlan" and interface.parent in filtering and interface.vlan is not None:
                _tag(interfaces, interface.parent, {interface.vlan}, None)


def _members(configuration: Configuration, name: str) -> list[str]:
    """An interface, or those of an interface list (a bridge takes either)."""
    if any(item.get("name") == name for item in configuration.items.get("interface/list", ())):
        rows = configuration.items.get("interface/list/member", ())
        return [item.get("interface") for item in rows if item.get("list") == name and not item.disabled]
    return [name]


def _untagged(configuration: Configuration, interfaces: dict[str, Interface], name: str, item: Item) -> None:
    """A port's own settings: ``pvid``, ``frame-types``, ``ingress-filtering``. A port that takes frames without a tag
    is in the VLAN of its ``pvid``, and sends that one's frames without a tag, unless the table has it tagged.

    Without ingress filtering ``frame-types`` has no effect on what comes in (manual, "Bridge VLAN Table"); whether it
    has any on what goes out is not said there, so the port is taken to be in its ``pvid`` both ways.
    """
    try:
        pvid = number(item.get("pvid", "1"), 4094)
    except ValueError as error:
        configuration.doubt(item, str(error))
        return
    written = item.get("frame-types", "admit-all")
    admits = _ADMITS.get(written, "all")
    if written not in _ADMITS:
        configuration.doubt(item, f"`{written}` is no kind of frames")
    for key, usual in (("tag-stacking", "no"), ("ether-type", "0x8100")):
        if item.get(key, usual) != usual:
            configuration.doubt(item, f"with `{key}={item.get(key)}` frames bear tags that are not read here")
    lax = not item.yes("ingress-filtering", configuration.version is None or configuration.version[0] >= _STRICT)
    if lax and admits != "all":
        configuration.doubt(item, "without `ingress-filtering` a port takes frames whatever its `frame-types` say")
        admits = "all"
    interfaces[name] = replace(
        interfaces[name],
        untagged=None if admits == "tagged" else pvid,
        admits=admits,
        lax=lax,
        vlan_line=item.line,
        vlan_lines=((pvid, item.line),),
    )


def _table(configuration: Configuration, interfaces: dict[str, Interface], item: Item, filtering: set[str]) -> None:
    if item.get("bridge") not in filtering:
        configuration.ignore(item, "its bridge does not filter VLANs")
        return
    configuration.understand(item)
    try:
        ids = vlans(item.get("vlan-ids", "1"))
    except ValueError as error:
        configuration.doubt(item, str(error))
        return
    for name in filter(None, item.get("tagged").split(",")):
        for one in _members(configuration, name):
            if one in interfaces:
                _tag(interfaces, one, ids, item)
            else:
                configuration.doubt(item, f"there is no interface `{one}`")
    for name in filter(None, item.get("untagged").split(",")):
        for one in _members(configuration, name):
            pvid = interfaces[one].untagged if one in interfaces else None
            if one in interfaces:
                found = interfaces[one]
                interfaces[one] = replace(found, bare=found.bare | ids, vlan_lines=_lines(found, ids, item))
            if ids != {pvid}:
                configuration.doubt(item, f"`{one}` sends these VLANs untagged, but takes untagged frames as {pvid}")


def _tag(interfaces: dict[str, Interface], name: str, ids: frozenset[int] | set[int], item: Item | None) -> None:
    found = interfaces[name]
    lines = found.vlan_lines if item is None else _lines(found, ids, item)
    interfaces[name] = replace(found, tagged=found.tagged | ids, vlan_lines=lines)


def _lines(found: Interface, ids: frozenset[int] | set[int], item: Item) -> tuple[tuple[int, Line], ...]:
    return (*found.vlan_lines, *((vlan, item.line) for vlan in sorted(ids)))
