"""``.network``: what one interface carries, and the addresses and routes that hang on it (systemd.network(5))."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from bailiwick.plan.model import Exit, Interface, LinkKind, Plan, Return
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import artifact, banner
from bailiwick.targets.linux.ini import Entry, Section, flag, lines, literal

DEFAULT = "0.0.0.0/0"
EXIT_METRIC = 1
"""Of the real default in a table beside the main one, far below that of an exit's ``unreachable`` one."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """Who stands on whom, by interface name."""

    vlans: Mapping[str, tuple[Interface, ...]]
    bridges: Mapping[str, Interface]
    tables: Mapping[str, Mapping[int, tuple[str, ...]]]
    """The tables beside the main one whose default each interface is: number to the ids that ask for it."""

    @classmethod
    def of(cls, plan: Plan) -> Wiring:
        vlans: dict[str, list[Interface]] = defaultdict(list)
        bridges: dict[str, Interface] = {}
        tables: dict[str, dict[int, tuple[str, ...]]] = defaultdict(dict)
        for interface in plan.interfaces:
            if interface.kind is LinkKind.VLAN and interface.parent is not None:
                vlans[interface.parent].append(interface)
            for member in interface.members:
                bridges[member] = interface
        ways: tuple[Exit | Return, ...] = (*plan.exits, *plan.returns)
        for way in ways:
            asked = tables[way.interface]
            asked[way.table] = (*asked.get(way.table, ()), way.id)
        return cls({k: tuple(v) for k, v in vlans.items()}, bridges, tables)


def network(interface: Interface, wiring: Wiring, router: str) -> Artifact:
    """Every interface has one, so that none is left to what other files or the kernel would do with it."""
    sections = [
        Section("Match", (Entry("Name", interface.name, (interface.id,)),)),
        Section("Link", tuple(_link(interface))),
        Section("Network", tuple(_network(interface, wiring))),
    ]
    if interface.dhcp:
        sections.append(Section("DHCPv4", tuple(_dhcp(interface))))
    bridge = wiring.bridges.get(interface.name)
    if bridge is not None:
        sections.append(Section("Bridge", (Entry("Isolated", flag(bridge.isolate), (bridge.id, interface.id)),)))
    sections.extend(_routes(interface, wiring.tables.get(interface.name, {})))
    return artifact(
        f"/etc/systemd/network/10-bailiwick-{interface.name}.network",
        (*banner(_purpose(interface), router), *lines(sections)),
        reload="networkctl reload",
    )


def _purpose(interface: Interface) -> str:
    if interface.place is None:
        return f"{interface.name}: carries others, has no address of its own"
    kind, name = interface.place.split(":", 1)
    return f"{interface.name}: {kind} {name}"


def _foreign(interface: Interface) -> bool:
    """Another program makes it, raises it and gives it its address."""
    return interface.kind is LinkKind.PPP or interface.foreign


def _zone(interface: Interface) -> bool:
    return (interface.place or "").startswith("zone:")


def _link(interface: Interface) -> Iterator[Entry]:
    ids = (interface.id,)
    if interface.mtu is not None and not _foreign(interface):
        yield Entry("MTUBytes", str(interface.mtu), ids)
    if _foreign(interface):
        yield Entry("ActivationPolicy", "manual", ids, why="Raised and lowered by the program that makes it.")
    if _zone(interface):
        why = "The router is up when its zones are, with or without a cable or a provider."
        yield Entry("RequiredForOnline", "no-carrier", ids, why=why)
    else:
        yield Entry("RequiredForOnline", "no", ids)


def _network(interface: Interface, wiring: Wiring) -> Iterator[Entry]:
    ids = (interface.id,)
    yield Entry("Description", literal(_purpose(interface)))
    yield Entry("DHCP", "ipv4" if interface.dhcp else "no", ids)
    if interface.address is not None and not _foreign(interface):
        yield Entry("Address", interface.address.with_prefixlen, ids)
    for vlan in wiring.vlans.get(interface.name, ()):
        yield Entry("VLAN", vlan.name, (vlan.id,))
    bridge = wiring.bridges.get(interface.name)
    if bridge is not None:
        yield Entry("Bridge", bridge.name, (bridge.id,))
    yield Entry("LinkLocalAddressing", "no")
    yield Entry("IPv6AcceptRA", "no")
    yield Entry("LLDP", "no", why="Neighbours are told nothing and believed nothing.")
    yield Entry("EmitLLDP", "no")
    if _foreign(interface):
        yield Entry("KeepConfiguration", "static", ids, why="The address comes from the program that makes it.")
    elif interface.dhcp:
        yield Entry("KeepConfiguration", "dhcp-on-stop", ids, why="A restart of networkd does not cut the line.")
    elif not (interface.place or "").startswith("uplink:"):
        yield Entry("ConfigureWithoutCarrier", "yes", ids, why="A pulled cable takes no address and no route away.")


def _dhcp(interface: Interface) -> Iterator[Entry]:
    ids = (interface.id,)
    yield Entry("ClientIdentifier", "mac", ids, why="Providers tell their customers' lines by the card.")
    yield Entry("SendHostname", "no", ids)
    yield Entry("SendRelease", "no", ids)
    yield Entry("UseDNS", "no", ids, why="What the provider says about anything but the address is not taken over.")
    for key in ("UseNTP", "UseHostname", "UseDomains", "UseTimezone", "UseSIP", "UseMTU"):
        yield Entry(key, "no", ids)
    yield Entry("UseRoutes", "no", ids, why="Option 121 could lead traffic past a tunnel (RFC 3442, CVE-2024-3661).")
    yield Entry("UseGateway", flag(interface.metric is not None), ids)
    if interface.metric is not None:
        yield Entry("RouteMetric", str(interface.metric), ids)


def _routes(interface: Interface, tables: Mapping[int, tuple[str, ...]]) -> Iterator[Section]:
    ids = (interface.id,)
    if interface.metric is not None and not interface.dhcp:
        yield _route(interface, ids, DEFAULT, Entry("Metric", str(interface.metric), ids))
    for address in interface.reaches:
        yield _route(interface, ids, f"{address}/32")
    for table, asked in tables.items():
        table_of, metric = Entry("Table", str(table), asked), Entry("Metric", str(EXIT_METRIC), asked)
        yield _route(interface, asked, DEFAULT, table_of, metric)


def _route(interface: Interface, ids: tuple[str, ...], destination: str, *more: Entry) -> Section:
    """By this interface: by the lease's gateway, by the named one, or straight into the link."""
    way = [] if destination == DEFAULT else [Entry("Destination", destination, ids)]
    if interface.dhcp:
        way.append(Entry("Gateway", "_dhcp4", ids))
    elif interface.gateway is not None:
        way.append(Entry("Gateway", str(interface.gateway), ids))
        if not _on_link(interface, interface.gateway):
            way.append(Entry("GatewayOnLink", "yes", ids))
    else:
        way = [Entry("Destination", destination, ids), Entry("Scope", "link", ids)]
    return Section("Route", (*way, *more))


def _on_link(interface: Interface, gateway: IPv4Address) -> bool:
    return interface.address is not None and gateway in interface.address.network
