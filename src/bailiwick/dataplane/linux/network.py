"""One ``.network`` file carried out on one interface (systemd.network(5))."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_interface, ip_network
from typing import Any

from bailiwick.dataplane.linux.commands import OWN_KINDS, Unspoken, number, prefix, table_name
from bailiwick.dataplane.linux.draft import Draft
from bailiwick.dataplane.linux.ini import Entry, Section, yes
from bailiwick.dataplane.linux.keys import IGNORED, KNOWN, account
from bailiwick.dataplane.model import Address, Listener, Route, RoutingRule
from bailiwick.packets.packet import UDP

EVERY = ip_network("0.0.0.0/0")
EVERY6 = ip_network("::/0")
_DHCP_METRIC = 1024
"""DHCP_ROUTE_METRIC of systemd-networkd."""
_OUTSIDE = ("ppp", "tunnel")
LAST_VLAN = 4094


def apply(draft: Draft, name: str, found: list[Section], counted: bool) -> None:
    """``counted``: the lines are entered into the account; once, however many interfaces the file is for."""
    ledger = draft.ledger
    if not counted:
        draft.ledger = type(ledger)()
    for section in found:
        account(draft, section, KNOWN["network"].get(section.name), IGNORED["network"].get(section.name))
    if not any(yes(section.value("Unmanaged")) for section in found if section.name == "Link"):
        _activation(draft, name, found)
        for section in found:
            reader = _READERS.get(section.name)
            if reader is not None:
                reader(draft, name, section)
        _leases(draft, name, found)
    draft.ledger = ledger


def _wrong(draft: Draft, entry: Entry, why: str) -> None:
    """The entry has been counted as understood; it is an unknown after all."""
    draft.ledger.lines -= 1
    draft.ledger.unknown(entry.line, why)


def _activation(draft: Draft, name: str, found: list[Section]) -> None:
    policies = [section.value("ActivationPolicy") for section in found if section.name == "Link"]
    if any(policy in ("down", "always-down") for policy in policies):
        draft.interface(name, up=False)


def _network(draft: Draft, name: str, section: Section) -> None:
    for entry in section.values("Address"):
        _address(draft, name, entry)
    for entry in section.values("Gateway"):
        _gateway(draft, name, entry)
    for entry in section.values("VLAN"):
        draft.interface(entry.value, kind="vlan", parent=name)
    for key in ("Bridge", "Bond"):
        if section.value(key):
            draft.interface(name, master=section.value(key))
    if yes(section.value("DHCPServer")):
        draft.listeners.append(Listener("dhcp", UDP, 67, frozenset({name}), section.line))
    for key in ("IPForward", "IPv4Forwarding"):
        if section.value(key) and yes(section.value(key)) is not False and section.value(key) != "ipv6":
            draft.settings[f"net.ipv4.conf.{name}.forwarding"] = "1"
            draft.forwarding = True if key == "IPForward" else draft.forwarding
    if yes(section.value("DefaultRouteOnDevice")):
        draft.routes.append(Route(EVERY, interface=name, lasting=_lasting(draft, name), line=section.line))
    wanted = {"no": "0", "strict": "1", "loose": "2"}.get(section.value("IPv4ReversePathFilter"))
    if wanted is not None:
        draft.settings[f"net.ipv4.conf.{name}.rp_filter"] = wanted


def _address(draft: Draft, name: str, entry: Entry) -> None:
    try:
        address = ip_interface(entry.value)
    except ValueError:
        _wrong(draft, entry, "no address")
        return
    if not int(address.ip):
        _wrong(draft, entry, "an address that networkd draws by itself")
        draft.interface(name, dynamic=True)
        return
    draft.add_address(name, address)


def _lasting(draft: Draft, name: str) -> bool:
    one = draft.interface(name)
    return not one.dynamic and one.kind not in _OUTSIDE


def _gateway(draft: Draft, name: str, entry: Entry) -> None:
    if entry.value.startswith("_"):
        draft.routes.append(
            Route(EVERY6 if "6" in entry.value else EVERY, interface=name, lasting=False, line=entry.line)
        )
        return
    try:
        gateway = ip_address(entry.value)
    except ValueError:
        _wrong(draft, entry, "no address")
        return
    to = EVERY if gateway.version == 4 else EVERY6
    draft.routes.append(Route(to, "unicast", name, gateway, lasting=_lasting(draft, name), line=entry.line))


def _addresses(draft: Draft, name: str, section: Section) -> None:
    entry = section.last("Address")
    if entry is not None:
        _address(draft, name, entry)
    plain = section.last("AddPrefixRoute")
    if plain is not None and yes(plain.value) is False:
        _wrong(draft, plain, "an address without the route to its neighbours")


def _route(draft: Draft, name: str, section: Section) -> None:
    kind = section.value("Type", "unicast")
    given = section.value("Gateway")
    leased = given.startswith("_")
    gateway: Address | None = None
    try:
        if given and not leased:
            gateway = ip_address(given)
        version = 6 if given == "_ipv6ra" or (gateway is not None and gateway.version == 6) else 4
        to = prefix(section.value("Destination", "default") or "default", version)
        metric = number(section.value("Metric", "0") or "0")
    except (Unspoken, ValueError) as wrong:
        draft.routes.append(Route(None, interface=name, lasting=False, line=section.line, unsure=str(wrong)))
        if section.entries:
            _wrong(draft, section.entries[0], f"a route that is not clear: {wrong}")
        return
    some = [entry for entry in section.entries if entry.key in ("Source", "TypeOfService") and entry.value]
    unsure = ", ".join(f"{entry.key}={entry.value}" for entry in some)
    for entry in some:
        _wrong(draft, entry, "a route for some packets of its prefix alone")
    table = table_name(section.value("Table") or ("local" if kind in OWN_KINDS else "main"))
    stays = _lasting(draft, name) and not leased
    through = name if kind in ("unicast", "local", "broadcast", "anycast", "multicast") else None
    line = (section.last("Destination") or section.last("Gateway") or section).line
    draft.routes.append(Route(to, kind, through, gateway, metric, table, stays, line, unsure))


def _rule(draft: Draft, _: str, section: Section) -> None:
    known: dict[str, Any] = {}
    unsure = []
    for entry in section.entries:
        try:
            if entry.key in _SELECTORS:
                known.update(_SELECTORS[entry.key](entry.value))
            elif entry.key in ("Family",):
                known["family"] = {"ipv4": 4, "ipv6": 6}.get(entry.value)
            elif entry.value:
                unsure.append(f"{entry.key}={entry.value}")
                _wrong(draft, entry, "a rule for some packets alone")
        except Unspoken as wrong:
            unsure.append(f"{entry.key}={entry.value}")
            _wrong(draft, entry, str(wrong))
    if not {"source", "destination"} & known.keys():
        known.setdefault("family", 4)
    known.setdefault("priority", 32765)
    draft.rules.append(RoutingRule(**known, line=section.line, unsure=", ".join(unsure)))


def _mark(value: str) -> dict[str, object]:
    mark, _, mask = value.partition("/")
    return {"mark": (number(mark), number(mask) if mask else 0xFFFFFFFF)}


_SELECTORS: Mapping[str, Callable[[str], dict[str, object]]] = {
    "From": lambda value: {"source": prefix(value)},
    "To": lambda value: {"destination": prefix(value)},
    "FirewallMark": _mark,
    "Table": lambda value: {"table": table_name(value)},
    "Priority": lambda value: {"priority": number(value)},
    "IncomingInterface": lambda value: {"iif": value},
    "OutgoingInterface": lambda value: {"oif": value},
    "InvertRule": lambda value: {"inverted": bool(yes(value))},
    "SuppressPrefixLength": lambda value: {"suppress_prefix": number(value)},
    "Type": lambda value: {"action": {"table": "lookup"}.get(value, value)},
}


def _bridge(draft: Draft, name: str, section: Section) -> None:
    if section.value("Isolated"):
        draft.interface(name, isolated=bool(yes(section.value("Isolated"))))


def _bridge_vlan(draft: Draft, name: str, section: Section) -> None:
    """``PVID`` and ``EgressUntagged`` both put the port into their VLAN as well; frames of the first leave with their
    tag unless the second names it too (networkd-bridge-vlan.c of systemd)."""
    one = draft.interface(name)
    members, untagged, native, lines = set(one.tagged), set(one.bare), one.untagged, dict(one.vlan_lines)
    for entry in section.entries:
        low, dash, high = entry.value.partition("-")
        last = high if dash else low
        known = low.isdecimal() and last.isdecimal() and 0 < int(low) <= int(last) <= LAST_VLAN
        if not known or (dash and entry.key == "PVID"):
            _wrong(draft, entry, "no VLAN")
        elif entry.key == "PVID":
            native = int(entry.value)
            members.add(native)
            lines[native] = entry.line
        elif entry.key in ("VLAN", "EgressUntagged"):
            vlans = range(int(low), int(last) + 1)
            (untagged if entry.key == "EgressUntagged" else members).update(vlans)
            lines |= dict.fromkeys(vlans, entry.line)
    draft.interface(
        name,
        tagged=frozenset(members - untagged),
        bare=frozenset(untagged),
        untagged=native,
        vlan_line=one.vlan_line or section.line,
        vlan_lines=tuple(lines.items()),
    )


def _leases(draft: Draft, name: str, found: list[Section]) -> None:
    """What a lease brings: an address from outside, a default route, perhaps other routes (``[DHCPv4]``)."""
    asked = next((s.last("DHCP") for s in reversed(found) if s.name == "Network" and s.last("DHCP")), None)
    value = "" if asked is None else asked.value.lower()
    if asked is not None and value in ("ipv4", "yes", "true", "1", "on", "both"):
        draft.interface(name, dynamic=True)
        client = {entry.key: entry.value for section in found if section.name == "DHCPv4" for entry in section.entries}
        routes = yes(client.get("UseRoutes", "yes")) is not False
        metric = client.get("RouteMetric", "")
        number_ = int(metric) if metric.isdecimal() else _DHCP_METRIC
        table = table_name(client.get("RouteTable", "main"))
        if yes(client.get("UseGateway", "yes" if routes else "no")) is not False:
            draft.routes.append(
                Route(EVERY, interface=name, metric=number_, table=table, lasting=False, line=asked.line)
            )
        if routes:
            draft.routes.append(
                Route(None, interface=name, metric=number_, table=table, lasting=False, line=asked.line)
            )
    accepted = [entry for section in found if section.name == "Network" for entry in section.values("IPv6AcceptRA")]
    if value in ("ipv6", "yes", "true", "1", "on", "both") or any(yes(entry.value) for entry in accepted):
        line = asked.line if asked is not None else accepted[-1].line
        draft.interface(name, dynamic=True)
        draft.routes.append(Route(EVERY6, interface=name, metric=_DHCP_METRIC, lasting=False, line=line))


_READERS: Mapping[str, Callable[[Draft, str, Section], None]] = {
    "Network": _network,
    "Address": _addresses,
    "Route": _route,
    "RoutingPolicyRule": _rule,
    "Bridge": _bridge,
    "BridgeVLAN": _bridge_vlan,
}
