"""Where the router stands: a VLAN interface on the bridge for each zone, and its addresses there and at the uplinks."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.model import Interface, LinkKind, Plan
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros.ownership import tag
from bailiwick.targets.routeros.syntax import command

WIREGUARD_MTU = "1420"
"""RouterOS' own default: what is left of 1500 bytes in a tunnel over IPv6."""


def vlan_interfaces(plan: Plan) -> Iterator[Line]:
    """Those of the zones on the bridge, and those of uplinks whose provider tags."""
    for one in plan.interfaces:
        if one.kind is LinkKind.VLAN:
            arguments = {"name": one.name, "interface": one.parent or "", "vlan-id": str(one.vlan), **tag(one.id)}
            yield command("/interface vlan", "add", arguments | _mtu(one), (one.id,))


def zone_addresses(plan: Plan) -> Iterator[Line]:
    """The router's own address in each zone."""
    for one in plan.interfaces:
        if one.place and one.place.startswith("zone:") and one.address is not None:
            arguments = {"address": one.address.with_prefixlen, "interface": one.name, **tag(one.id)}
            yield command("/ip address", "add", arguments, (one.id, one.place))


def port_settings(plan: Plan) -> Iterator[Line]:
    """Ports keep their names; what is said of one is its MTU, where that is not the usual one. A tunnel of another
    making is there already, and its keys and peers are its owner's."""
    for one in plan.interfaces:
        if one.kind is LinkKind.ETHERNET and one.mtu is not None:
            where = f"[ find default-name={one.name} ]"
            yield command("/interface ethernet", "set", _mtu(one), (one.id,), of=where)
        if one.foreign:
            said = _mtu(one) or {"mtu": WIREGUARD_MTU}
            yield command("/interface wireguard", "set", said, (one.id,), of=f"[ find name={one.name} ]")


def _mtu(one: Interface) -> dict[str, str]:
    return {} if one.mtu is None else {"mtu": str(one.mtu)}
