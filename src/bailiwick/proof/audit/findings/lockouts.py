"""Ways in which people shut themselves out of a RouterOS device, or its hosts off from it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bailiwick.dataplane.model import Listener
from bailiwick.dataplane.rules import Rule, SetField
from bailiwick.dataplane.symbolic.addresses import span
from bailiwick.network.special import PUBLIC
from bailiwick.packets import header
from bailiwick.packets.header import Status
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import UDP
from bailiwick.packets.region import Region
from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding, Severity, Unreplayed
from bailiwick.proof.audit.layer2 import Layer2
from bailiwick.proof.audit.reading import shown
from bailiwick.proof.audit.view import ROUTER, View

_BY_LIST = re.compile(r"in-interface-list=!?(\S+)")
_MARK = re.compile(r"new-routing-mark=(\S+)")
_ADMINISTRATION = ("ssh", "winbox", "www", "www-ssl", "api", "api-ssl", "telnet")
_WINBOX = {header.DESTINATION_PORT: IntervalSet.single(8291)}
_DHCP = {header.PROTOCOL: IntervalSet.single(UDP), header.DESTINATION_PORT: IntervalSet.single(67)}


def lockouts(context: Context) -> Iterator[Finding]:
    """Of exports alone."""
    if context.device.platform != "routeros":
        return
    layer = Layer2(context.device)
    yield from _no_way_in(layer)
    yield from _too_early(layer)
    yield from _no_rescue(context, layer)
    yield from _not_in_list(context)
    yield from _marked(context)
    yield from _services(context)


def _no_way_in(layer: Layer2) -> Iterator[Finding]:
    """A bridge that filters, and hands nothing to any address of the device."""
    for bridge in layer.filtering:
        stand = {bridge.name, *(one.name for one in layer.vlans(bridge.name))}
        answering = {name for name in stand if layer.addressed(name)}
        tries = [
            layer.frame(port.name, *tags)
            for port in layer.ports(bridge.name)
            for tags in ((), *((vlan,) for vlan in sorted(port.tagged)))
        ]
        if any(answering & set(seen.hearing) for seen in tries):
            continue
        verb = "hears" if len(answering) == 1 else "hear"
        trunk = next(iter((*layer.trunks(bridge.name), *layer.ports(bridge.name)))).name
        yield Finding(
            "bridge-shut",
            Severity.MEDIUM,
            f"Nothing that comes by a port of {bridge.name} reaches an address of the device: it filters VLANs, and "
            + (f"{shown(sorted(answering))} {verb} nothing." if answering else "nothing on it has one."),
            "Switched on like this, vlan-filtering ends the session that switched it on.",
            str(tries[0]) if tries else "",
            tuple(line for line in (bridge.line,) if line is not None),
            f"/interface bridge vlan add bridge={bridge.name} tagged={bridge.name},{trunk} vlan-ids=10, an address on "
            "a VLAN interface of that number, and only then vlan-filtering=yes",
        )


def _too_early(layer: Layer2) -> Iterator[Finding]:
    """A script that switches the filtering on by a command of its own, and sets the VLANs up after that. An export
    writes it where the bridge is added, whenever it was switched on."""
    for bridge in layer.filtering:
        at = int(layer.device.settings.get(f"/interface/bridge {bridge.name} vlan-filtering line", "0"))
        rows = [line for one in (bridge, *layer.ports(bridge.name)) for _, line in one.vlan_lines]
        stands = [one.line for one in layer.vlans(bridge.name) if one.line is not None]
        later = sorted({line for line in (*rows, *stands) if line.number > at})
        if not at or not later:
            continue
        yield Finding(
            "vlan-filtering-early",
            Severity.LOW,
            f"VLAN filtering of {bridge.name} is switched on at line {at}, and set up after that.",
            "Who runs these commands from a port of the bridge is cut off in between, and the rest is not run.",
            lines=tuple(later),
            remedy=f"/interface bridge set {bridge.name} vlan-filtering=yes, as the last line",
        )


def _no_rescue(context: Context, layer: Layer2) -> Iterator[Finding]:
    """Every port is in the bridge that filters, or leads outside."""
    if not layer.filtering:
        return
    outside = {name for zone in context.zones.outside for name in zone.interfaces}
    for one in layer.wired:
        if one.master is None and one.name not in outside and layer.addressed(one.name):
            return
    ports = [one.name for bridge in layer.filtering for one in layer.ports(bridge.name) if one.kind == "ethernet"]
    port = ports[-1] if ports else "ether5"
    yield Finding(
        "no-rescue-port",
        Severity.NOTE,
        f"No port off {shown(one.name for one in layer.filtering)} has an address: a mistake in its VLANs shuts "
        "everybody out.",
        "One port of its own, with an address and nothing else, is the way back in.",
        lines=tuple(one.line for one in layer.filtering if one.line is not None),
        remedy=f"/interface bridge port remove [find interface={port}]; /ip address add address=192.168.255.1/24 "
        f"interface={port}; /interface list member add interface={port} list=LAN",
    )


def _not_in_list(context: Context) -> Iterator[Finding]:
    """Networks that the device serves, whose packets to it are dropped for they are in no list."""
    view = context.main
    layer = Layer2(context.device)
    for zone in view.zones.inside:
        served = [name for name in zone.interfaces if layer.served(name)]
        asked = view.arrives & view.entering(zone, honest=False) & view.leaving(ROUTER)
        if not served or not asked or view.passes & asked:
            continue
        try:
            seen = context.replay(view).stopped(asked, _DHCP)
        except Unreplayed as error:
            context.defect(error)
            continue
        line = seen.decided
        by = _BY_LIST.search(line.text) if line is not None else None
        if by is None:
            continue
        name = by[1].strip('"')
        yield Finding(
            "vlan-not-in-list",
            Severity.LOW,
            f"{zone.name} gets nothing from the router, its addresses and names included: it is not in {name}.",
            "A rule drops what comes by no interface of that list; a new VLAN interface is in none.",
            str(seen),
            tuple(one for one in (line, context.device.interfaces[served[0]].line) if one is not None),
            f"/interface list member add interface={served[0]} list={name}",
        )


def _marked(context: Context) -> Iterator[Finding]:
    """Marks for routing on what is sent to the router itself: the table of the mark is asked before its addresses."""
    view = context.main
    mine = (one.ip for each in context.device.interfaces.values() for one in each.addresses)
    own = IntervalSet.of((int(one), int(one)) for one in mine if one.version == view.family and not one.is_loopback)
    here = view.space.box(
        {
            header.OIF: view.numbers[ROUTER.id],
            header.DESTINATION: own,
            header.STATUS: IntervalSet.single(Status(0)),
            header.DYNAMIC: IntervalSet.single(0),
        }
    )
    lost = (here & view.new & view.honest & _inside(view)) - view.arrives.without(header.MARK, header.CT_MARK)
    for reach in context.reaches[view.family]:
        if reach.chains.table.name != "mangle":
            continue
        for chain in reach.chains.table.chains.values():
            for rule in chain.rules:
                if _routes(rule) and (found := lost & reach.chains.steps.matches(rule)):
                    yield from _shut(context, view, rule, found)


def _inside(view: View) -> Region:
    return view.space.union(view.entering(zone) for zone in view.zones.inside)


def _routes(rule: Rule) -> bool:
    """Whether it sets a mark for routing (the upper half of the field, see the reader's ``marks``)."""
    return any(isinstance(one, SetField) and one.field == header.MARK and one.mask == 0xFFFF0000 for one in rule.steps)


def _shut(context: Context, view: View, rule: Rule, lost: Region) -> Iterator[Finding]:
    replay = context.replay(view)
    try:
        seen = replay.walked(
            replay.example(lost, _WINBOX),
            lambda walk: not walk.local and any(one.matched and one.line == rule.line for one in walk.steps),
        )
    except Unreplayed as error:
        context.defect(error)
        return
    mark = _MARK.search(rule.line.text)
    yield Finding(
        "mark-shuts-out",
        Severity.MEDIUM,
        "A rule marks what is sent to the router itself: it goes by the table of the mark, and never arrives.",
        "From version 7 on the table of a mark is asked before the router's own addresses. Whom the rule is for cannot "
        "manage the device, nor ask it for names or addresses.",
        str(seen),
        (rule.line,),
        f"/ip firewall mangle set [find new-routing-mark={mark[1] if mark else 'NAME'}] dst-address-type=!local",
    )


def _services(context: Context) -> Iterator[Finding]:
    """Services of administration that answer addresses alone which nobody here has."""
    homes = {
        version: IntervalSet.union(zone.homes.get(version, IntervalSet()) for zone in context.zones.inside)
        for version in (4, 6)
    }
    if any(zone.homes.get(4) is None for zone in context.zones.inside):
        return
    unreached = [one for one in context.device.listeners if one.name in _ADMINISTRATION and _for_nobody(one, homes)]
    if not unreached:
        return
    names = dict.fromkeys(one.name for one in unreached)
    said = dict.fromkeys(str(source) for one in unreached for source in one.sources or ())
    yield Finding(
        "service-for-nobody",
        Severity.LOW,
        f"{shown(names)} {'answers' if len(names) == 1 else 'answer'} {shown(said)} alone, where nobody is.",
        "No interface of the device leads there: whoever relies on it is shut out.",
        lines=tuple(dict.fromkeys(one.line for one in unreached if one.line is not None)),
        remedy=f"/ip service set {','.join(names)} address=, and the network from where you manage the device",
    )


def _for_nobody(one: Listener, homes: dict[int, IntervalSet]) -> bool:
    """Nobody inside has such an address, and it is none of somebody outside."""
    return one.sources is not None and not any(
        span(source) & homes[source.version] or source.version == 6 or span(source) & PUBLIC for source in one.sources
    )
