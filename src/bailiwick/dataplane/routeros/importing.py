"""A script while it is imported: whether it may be imported again, and whether anything passes half-way.

``/import`` carries out one line after the other on a device that works meanwhile. A second import finds what the first
one left: what does not go before it comes again is there twice, or stops it (names are taken once).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from bailiwick.dataplane.routeros.menus import FIREWALL
from bailiwick.dataplane.routeros.objects import Objects
from bailiwick.dataplane.routeros.source import Source
from bailiwick.dataplane.tally import Line

_FORWARDING = ("ip/settings", "ip-forward")
_NAMES = {
    ("interface/list/member", "list"): "interface/list",
    ("ip/dhcp-server", "address-pool"): "ip/pool",
    ("ip/dhcp-server/lease", "server"): "ip/dhcp-server",
    ("ip/dhcp-server/network", "dhcp-option"): "ip/dhcp-server/option",
    ("ip/route", "routing-table"): "routing/table",
    ("routing/rule", "table"): "routing/table",
}
"""Arguments that name an item of another menu, or several, which have to be there: RouterOS refuses the line else."""
_NEEDED = {
    **dict.fromkeys(FIREWALL, ("chain",)),
    "interface/bridge/port": ("bridge", "interface"),
    "interface/bridge/vlan": ("bridge", "vlan-ids"),
    "interface/list": ("name",),
    "interface/list/member": ("interface", "list"),
    "interface/pppoe-client": ("interface",),
    "interface/vlan": ("interface", "name", "vlan-id"),
    "ip/address": ("address", "interface"),
    "ip/dhcp-client": ("interface",),
    "ip/dhcp-server": ("interface", "name"),
    "ip/dhcp-server/lease": ("address", "mac-address"),
    "ip/dhcp-server/network": ("address",),
    "ip/dhcp-server/option": ("code", "name", "value"),
    "ip/dns/static": ("address", "name"),
    "ip/firewall/address-list": ("address", "list"),
    "ip/pool": ("name", "ranges"),
    "ip/route": ("dst-address",),
    "routing/rule": ("table",),
    "routing/table": ("name",),
    "system/script": ("name", "source"),
}
"""Arguments that a whole item has: without them RouterOS refuses it, or takes what it thinks best."""
_CHIPS = ("interface/ethernet/switch", "interface/ethernet/switch/port")
_OF_CHIPS = re.compile(r"ethernet[ /]switch")
_COPYING = ("mirror-source", "mirror-target", "mirror-egress-target", "mirror-ingress-target")
_PORT = re.compile(r"(ether|sfp|combo|qsfp)[\w-]*|cpu|switch\d*-cpu")
"""Ports have the names of the case (manual, "Switch Chip Features")."""
_THERE = frozenset({"all", "none", "dynamic", "static", "main", "static-only"})
Row = tuple[tuple[str, str], ...]


def faults(text: str, file: str) -> Iterator[tuple[Line, str]]:
    """Lines with what goes wrong at each. The text is one that was read without an ExportError."""
    script = Source.of(file, text)
    device = Objects(Source.of(file, ""))
    device.run(script)
    yield from _strangers(device)
    yield from _routes(device)
    once, rules = _state(device), _rules(device)
    told = False
    for line in device.steps(script):
        if not told and device.setting(_FORWARDING[0]).yes(_FORWARDING[1], True) and _rules(device) != rules:
            told = True
            yield line, "packets are forwarded while it is imported again, and the rules do not stand"
        if _OF_CHIPS.search(line.text):
            yield from ((line, f"`{word}` is no port to copy to: the import stops here") for word in _no_ports(device))
    for menu, rows in _state(device).items():
        before = once.get(menu, [])
        if rows == before:
            continue
        more = Counter(rows) - Counter(before)
        lines = [item.line for item in device.items.get(menu, ()) if _row(item.values) in more]
        where = lines[-1] if lines else Line(file, 1)
        what = f"{more.total()} more" if more else "others, or in another order"
        yield where, f"imported again, it leaves {what} in /{menu.replace('/', ' ')}"


def _strangers(device: Objects) -> Iterator[tuple[Line, str]]:
    """Items that lack something, and those that name what is not there."""
    for menu, needed in _NEEDED.items():
        for item in device.items.get(menu, ()):
            lacking = [name for name in needed if not item.get(name)]
            if lacking and not item.built_in:
                yield item.line, f"/{menu.replace('/', ' ')} has no `{lacking[0]}` here"
    for (menu, argument), other in _NAMES.items():
        known = _THERE.union(item.get("name") for item in device.items.get(other, ()))
        for item in device.items.get(menu, ()):
            for name in item.get(argument).split(",") if item.get(argument) else ():
                if name not in known:
                    yield item.line, f"there is no /{other.replace('/', ' ')} `{name}`: the import stops here"


def _routes(device: Objects) -> Iterator[tuple[Line, str]]:
    """Of routes to one network at one distance RouterOS takes any, or several in turn; a table without ``fib`` routes
    no packet (manual, "Routing Decision", "Policy Routing")."""
    for table in device.items.get("routing/table", ()):
        if not table.built_in and not table.yes("fib"):
            yield table.line, f"no packet is routed by the table `{table.get('name')}`: it is no `fib`"
    first: dict[tuple[str, ...], Line] = {}
    for route in device.items.get("ip/route", ()):
        rank = route.get("dst-address"), route.get("routing-table", "main"), route.get("distance", "1")
        if route.yes("disabled"):
            continue
        if rank in first:
            yield route.line, f"this route is as good as the one in line {first[rank].number}: it may be taken or not"
        first.setdefault(rank, route.line)


def _no_ports(device: Objects) -> Iterator[str]:
    """Words in the place of a mirror's ports that are none."""
    for menu in _CHIPS:
        for item in device.items.get(menu, ()):
            for name in _COPYING:
                word = item.get(name)
                if word and word != "none" and not _PORT.fullmatch(word):
                    yield word


def _state(device: Objects) -> dict[str, list[Row]]:
    found = {menu: [_row(item.values) for item in rows] for menu, rows in device.items.items()}
    return {**found, **{menu: [_row(item.values)] for menu, item in device.settings.items()}}


def _rules(device: Objects) -> list[Row]:
    return [_row(item.values) for menu in FIREWALL for item in device.items.get(menu, ())]


def _row(values: dict[str, str]) -> Row:
    return tuple(sorted(values.items()))
