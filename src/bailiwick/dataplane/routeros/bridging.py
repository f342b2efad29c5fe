"""Bridges: which interface is whose port, and the VLANs that each port carries."""

from __future__ import annotations

from dataclasses import replace

from bailiwick.dataplane.model import Interface
from bailiwick.dataplane.routeros.item import Item
from bailiwick.dataplane.routeros.items import Configuration
from bailiwick.dataplane.routeros.values import number, vlans

_TAGGED_ONLY = "admit-only-vlan-tagged"
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
            interfaces[one] = replace(found, master=bridge)
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
                _tag(interfaces, interface.parent, {interface.vlan})


def _members(configuration: Configuration, name: str) -> list[str]:
    """An interface, or those of an interface list (a bridge takes either)."""
    if any(item.get("name") == name for item in configuration.items.get("interface/list", ())):
        rows = configuration.items.get("interface/list/member", ())
        return [item.get("interface") for item in rows if item.get("list") == name and not item.disabled]
    return [name]


def _untagged(configuration: Configuration, interfaces: dict[str, Interface], name: str, item: Item) -> None:
    try:
        pvid = number(item.get("pvid", "1"), 4094)
    except ValueError as error:
        configuration.doubt(item, str(error))
        return
    if item.get("frame-types") != _TAGGED_ONLY:
        interfaces[name] = replace(interfaces[name], untagged=pvid)


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
                _tag(interfaces, one, ids)
            else:
                configuration.doubt(item, f"there is no interface `{one}`")
    for name in filter(None, item.get("untagged").split(",")):
        for one in _members(configuration, name):
            pvid = interfaces[one].untagged if one in interfaces else None
            if ids != {pvid}:
                configuration.doubt(item, f"`{one}` sends these VLANs untagged, but takes untagged frames as {pvid}")


def _tag(interfaces: dict[str, Interface], name: str, ids: frozenset[int] | set[int]) -> None:
    found = interfaces[name]
    interfaces[name] = replace(found, tagged=found.tagged | ids)
