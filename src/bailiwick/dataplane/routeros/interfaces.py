"""Interfaces, what carries them, and their addresses."""

from __future__ import annotations

import re
from dataclasses import replace

from bailiwick.dataplane.model import Interface
from bailiwick.dataplane.routeros.bridging import join_bridges
from bailiwick.dataplane.routeros.item import Item
from bailiwick.dataplane.routeros.items import Configuration
from bailiwick.dataplane.routeros.menus import KINDS
from bailiwick.dataplane.routeros.peers import join_peers
from bailiwick.dataplane.routeros.values import interface_address, number

_DEFAULT_NAMES = {
    "interface/bridge": "bridge",
    "interface/pppoe-client": "pppoe-out",
    "interface/l2tp-client": "l2tp-out",
    "interface/pptp-client": "pptp-out",
    "interface/sstp-client": "sstp-out",
    "interface/ovpn-client": "ovpn-out",
    "interface/wireguard": "wireguard",
    "interface/vlan": "vlan",
    "interface/bonding": "bonding",
    "interface/vrrp": "vrrp",
    "interface/lte": "lte",
}

_NAMING = ("interface", "in-interface", "out-interface", "master-interface", "slaves", "tagged")
_PHYSICAL = (
    (re.compile(r"(?:ether|combo|sfp|sfp-sfpplus|sfpplus|sfp28-|qsfp28-|qsfpplus)\d+(?:-\d+)?"), "ethernet"),
    (re.compile(r"(?:wlan|wifi|cap|cap-wifi)\d+"), "wireless"),
    (re.compile(r"lte\d+"), "ppp"),
)
"""Names that RouterOS gives to the ports of its devices."""


def read_interfaces(configuration: Configuration) -> dict[str, Interface]:
    """Every interface that a line describes or gives an address to, by name."""
    interfaces: dict[str, Interface] = {"lo": Interface("lo", "loopback")}
    for menu, kind in KINDS.items():
        for index, item in enumerate(configuration.items.get(menu, ()), 1):
            name = _name(item, menu, index)
            item.values["name"] = name
            configuration.understand(item)
            interfaces[name] = _interface(configuration, item, name, kind)
    _ports(configuration, interfaces)
    _bonds(configuration, interfaces)
    join_bridges(configuration, interfaces)
    join_peers(configuration, interfaces)
    _addresses(configuration, interfaces)
    for version in (4, 6):
        for item in configuration.of(f"{'ip' if version == 4 else 'ipv6'}/dhcp-client"):
            configuration.understand(item)
            name = carrier(interfaces, item.get("interface"))
            interfaces[name] = replace(interfaces.get(name, Interface(name, line=item.line)), dynamic=True)
    return interfaces


def carrier(interfaces: dict[str, Interface], name: str) -> str:
    """The interface that an address on this one is really on: a bridge port's is its bridge's."""
    found = interfaces.get(name)
    return found.master if found is not None and found.master else name


def _name(item: Item, menu: str, index: int) -> str:
    return item.get("name") or item.get("default-name") or f"{_DEFAULT_NAMES.get(menu, menu.rpartition('/')[2])}{index}"


def _interface(configuration: Configuration, item: Item, name: str, kind: str) -> Interface:
    vlan: int | None = None
    if kind == "vlan":
        try:
            vlan = number(item.get("vlan-id", "1"), 4095)
        except ValueError as error:
            configuration.doubt(item, str(error))
    over = item.get("interface") or item.get("master-interface")
    parent = over if kind in ("vlan", "vrrp", "macvlan") or item.menu == "interface/pppoe-client" else ""
    default = item.get("default-name")
    return Interface(
        name,
        kind,
        dynamic=kind == "ppp",
        parent=parent or None,
        vlan=vlan,
        master=item.get("datapath.bridge") or None if kind == "wireless" else None,
        up=not item.disabled,
        line=item.line,
        aliases=(default,) if default and default != name else (),
    )


def _ports(configuration: Configuration, interfaces: dict[str, Interface]) -> None:
    """Ports that nothing was changed about are in no menu of an export; other lines speak of them all the same."""
    for rows in configuration.items.values():
        for item in rows:
            for key in (key for key in _NAMING if key in item.values):
                for name in item.get(key).removeprefix("!").split(","):
                    kind = next((kind for pattern, kind in _PHYSICAL if pattern.fullmatch(name)), None)
                    if kind is not None and not any(name in one.aliases for one in interfaces.values()):
                        interfaces.setdefault(name, Interface(name, kind, line=item.line))


def _bonds(configuration: Configuration, interfaces: dict[str, Interface]) -> None:
    for item in configuration.of("interface/bonding"):
        for slave in filter(None, item.get("slaves").split(",")):
            found = interfaces.get(slave, Interface(slave, "ethernet", line=item.line))
            interfaces[slave] = replace(found, master=item.get("name"))


def _addresses(configuration: Configuration, interfaces: dict[str, Interface]) -> None:
    for version in (4, 6):
        for item in configuration.of("ip/address" if version == 4 else "ipv6/address"):
            name = item.get("interface")
            if "interface" not in item.values and not item.broken:
                configuration.doubt(item, "an address has an interface: RouterOS stops here")
                continue
            if name.startswith("*") or not name:
                configuration.ignore(item, "its interface is gone")
                continue
            configuration.understand(item)
            name = carrier(interfaces, name)
            found = interfaces.get(name, Interface(name, line=item.line))
            if item.get("from-pool"):
                interfaces[name] = replace(found, dynamic=True)
                configuration.doubt(item, "which prefix the pool gives is known to the router alone")
                continue
            try:
                address = interface_address(item.get("address"), item.get("netmask"), version)
            except ValueError:
                configuration.doubt(item, f"`{item.get('address')}` is no address")
                continue
            interfaces[name] = replace(found, addresses=(*found.addresses, address))
