"""The wires and the machines around the router: namespaces, one segment for each of the router's interfaces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bailiwick.plan.model import LinkKind, Plan
from bailiwick.twin.layout import ROUTER, SWITCH, Layout, Station
from bailiwick.twin.scene.namespaces import NAMESPACES, batch, within

PROC_NET = Path("/proc/sys/net")


def _machines(layout: Layout) -> tuple[Station, ...]:
    return (*layout.stations, *(client.station for client in layout.clients))


def _namespaces(layout: Layout) -> None:
    NAMESPACES.mkdir(parents=True, exist_ok=True)
    names = [ROUTER, SWITCH, *(station.name for station in _machines(layout))]
    batch([f"netns add {name}" for name in names])
    for name in names:
        with within(name):
            if name != ROUTER:  # the router's own is the rendered files' affair
                for scope in ("all", "default"):
                    (PROC_NET / f"ipv6/conf/{scope}/disable_ipv6").write_text("1")
                (PROC_NET / "ipv4/icmp_ratelimit").write_text("0")


def _links(plan: Plan, layout: Layout) -> tuple[list[str], list[str]]:
    """``ip`` commands for the router's namespace and for the switch's."""
    router: list[str] = []
    switch: list[str] = []
    kinds = {interface.name: kind for interface, kind in layout.stand_ins}
    segments: dict[str, str] = {}
    for interface in plan.interfaces:
        if interface.kind is LinkKind.BRIDGE:
            continue  # networkd makes it
        number = len(segments)
        segments[interface.name] = f"b{number}"
        switch += [f"link add b{number} type bridge", f"link set b{number} up"]
        if interface.kind is LinkKind.VLAN and interface.name not in kinds:
            # networkd makes the router's end; here the same tag is taken off the other end of its port's wire.
            trunk = segments[interface.parent or ""].replace("b", "p")
            switch.append(f"link add link {trunk} name p{number} type vlan id {interface.vlan}")
            switch.append(f"link set p{number} master b{number} up")
            continue
        address = f"address {interface.mac} " if interface.mac else ""
        name = interface.name
        if kinds.get(interface.name) == "bridge":
            router.append(f"link add {name} {address}type bridge")
            name = f"stand-in{number}"
            address = ""
        router.append(f"link add {name} {address}type veth peer name p{number} netns {SWITCH}")
        if name != interface.name:
            router.append(f"link set {name} master {interface.name} up")
        switch.append(f"link set p{number} master b{number} up")
    for index, station in enumerate(_machines(layout)):
        port = f"s{index}"
        switch.append(f"link add {port} type veth peer name eth0 address {station.mac} netns {station.name}")
        switch.append(f"link set {port} master {segments[station.interface]} up")
    return router, switch


def addressing(station: Station, layout: Layout) -> list[str]:
    """``ip`` commands for the station's namespace: its links, its addresses, its routes."""
    lines = ["link set lo up", "link set eth0 up"]
    pairs = {line.uplink: line for line in layout.lines if line.address.network.prefixlen == 32}
    point_to_point = pairs.get(station.place)
    if point_to_point:
        lines.append(f"address add {point_to_point.far} peer {point_to_point.address.ip} dev eth0")
    else:
        lines += [f"address add {address} dev eth0" for address in station.addresses]
    if station.everything:
        # Whatever is not on the wire is here (AnyIP): the whole internet in one machine.
        lines.append("route add local default dev lo table main")
    elif station.gateway and station.addresses:
        lines.append(f"route add default via {station.gateway} dev eth0")
    return [*lines, *_ways_to_the_router(station, layout)]


def _ways_to_the_router(station: Station, layout: Layout) -> Iterator[str]:
    """From beyond an uplink to the addresses that the router has elsewhere: a machine that stands for every address
    would take them for its own."""
    line = next((line for line in layout.lines if line.uplink == station.place), None)
    if line is None or not station.addresses:
        return
    zones = [other.gateway for other in layout.stations if other.gateway and other.place.startswith("zone:")]
    for address in dict.fromkeys((*zones, *(other.address.ip for other in layout.lines))):
        if address not in line.address.network:
            yield f"route add {address} via {line.address.ip} dev eth0"


def _pass_through(plan: Plan, layout: Layout) -> None:
    """A bridge that stands in for a VLAN shows its packets to no filter (``bridge-nf-call-iptables``,
    Documentation/networking/ip-sysctl.rst): a hairpin would turn round in it and never meet the router. Where the
    home has bridges of its own, the rendered files say so."""
    setting = PROC_NET / "bridge/bridge-nf-call-iptables"
    stood_in = any(kind == "bridge" for _, kind in layout.stand_ins)
    if stood_in and not any(interface.kind is LinkKind.BRIDGE for interface in plan.interfaces):
        with within(ROUTER):
            if setting.exists():
                setting.write_text("0")


def raise_scene(plan: Plan, layout: Layout) -> None:
    """Make all of it, the router's interfaces without addresses. Raises CommandFailed."""
    _namespaces(layout)
    _pass_through(plan, layout)
    router, switch = _links(plan, layout)
    batch(router, ROUTER)
    batch(["link set lo up", *switch], SWITCH)
    for station in _machines(layout):
        batch(addressing(station, layout), station.name)
