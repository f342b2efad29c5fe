"""The wires and the machines around the router: namespaces, one segment for each of the router's interfaces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bailiwick.plan.model import LinkKind, Plan
from bailiwick.twin.layout import ROUTER, STRANGER, SWITCH, Layout, Station
from bailiwick.twin.scene.concentrator import CARD, WIRE, Concentrator, concentrators
from bailiwick.twin.scene.machines import namespace_of
from bailiwick.twin.scene.namespaces import NAMESPACES, batch, within
from bailiwick.twin.scene.relay import Wire, relay

PROC_NET = Path("/proc/sys/net")


def _machines(layout: Layout) -> tuple[Station, ...]:
    """Who stands on the wire of one of the router's interfaces."""
    standing = (station for station in layout.stations if station.wired is None)
    return (*standing, *(client.station for client in layout.clients))


def _everybody(layout: Layout) -> tuple[Station, ...]:
    return (*_machines(layout), *(plug.station for plug in layout.plugs))


def _namespaces(plan: Plan, layout: Layout) -> None:
    NAMESPACES.mkdir(parents=True, exist_ok=True)
    between = [one.namespace for one in concentrators(plan, layout)]
    bare = [SWITCH, *between, *(station.name for station in _everybody(layout))]
    rendered = [ROUTER, *(namespace_of(device) for device in devices(layout))]
    # Where systemd runs the router, its namespace is there before.
    batch([f"netns add {name}" for name in (*bare, *rendered) if not (NAMESPACES / name).exists()])
    for name in bare:  # what is set in the others is their rendered files' affair
        with within(name):
            for scope in ("all", "default"):
                (PROC_NET / f"ipv6/conf/{scope}/disable_ipv6").write_text("1")
            (PROC_NET / "ipv4/icmp_ratelimit").write_text("0")
            if name == SWITCH and (setting := PROC_NET / "bridge/bridge-nf-call-iptables").exists():
                setting.write_text("0")  # it carries packets as they are, damaged ones too


def _links(plan: Plan, layout: Layout) -> tuple[list[str], list[str]]:
    """``ip`` commands for the router's namespace and for the switch's."""
    router: list[str] = []
    switch: list[str] = []
    kinds = {interface.name: kind for interface, kind in layout.stand_ins}
    segments: dict[str, str] = {}
    between = {one.interface.name: one for one in concentrators(plan, layout)}
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
        if interface.name in between:
            switch += _concentrator(between[interface.name], number, segments)
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
    for station in layout.stations:
        if station.interface == STRANGER:
            number = len(segments)
            segments[STRANGER] = f"b{number}"
            router += [f"link add {STRANGER} type veth peer name p{number} netns {SWITCH}", f"link set {STRANGER} up"]
            switch += [f"link add b{number} type bridge", f"link set b{number} up"]
            switch.append(f"link set p{number} master b{number} up")
    switch += _to_switches(plan, layout, segments)
    for index, station in enumerate(_machines(layout)):
        port = f"s{index}"
        switch.append(f"link add {port} type veth peer name eth0 address {station.mac} netns {station.name}")
        switch.append(f"link set {port} master {segments[station.interface]} up")
    return router, switch


def _concentrator(one: Concentrator, number: int, segments: dict[str, str]) -> Iterator[str]:
    """``ip`` commands for the switch: to the stations beyond the uplink, and to the port that carries its session."""
    yield f"link add p{number} type veth peer name {CARD} address {one.mac} netns {one.namespace}"
    yield f"link set p{number} master b{number} up"
    if one.interface.kind is LinkKind.PPP:
        yield f"link add t{number} type veth peer name {WIRE} netns {one.namespace}"
        yield f"link set t{number} master {segments[one.interface.parent or '']} up"


def _to_switches(plan: Plan, layout: Layout, segments: dict[str, str]) -> Iterator[str]:
    """The cables from the router's ports to switches: between the two ends stand the stations of each VLAN.

    A tag that the router's port does not carry ends there: what a switch does with it is seen at its own ports.
    """
    for number, cable in enumerate(layout.cables):
        if cable.far[0] != plan.router or cable.far[1] not in segments:
            continue
        port = f"q{number}"
        if cable.tap:
            yield f"tuntap add {port} mode tap"
        else:
            yield f"link add {port} type veth peer name {cable.near[1]} netns {namespace_of(cable.near[0])}"
        yield f"link set {port} master {segments[cable.far[1]]} up"
        for interface in plan.interfaces:
            if interface.kind is LinkKind.VLAN and interface.parent == cable.far[1]:
                yield f"link add link {port} name {port}.{interface.vlan} type vlan id {interface.vlan}"
                yield f"link set {port}.{interface.vlan} master {segments[interface.name]} up"


def _ports(layout: Layout) -> Iterator[str]:
    """``ip`` commands that plug in the switches' stations, and cables from one switch to the next."""
    for cable in layout.cables:
        if cable.far[0] in devices(layout):
            near, far = namespace_of(cable.near[0]), namespace_of(cable.far[0])
            yield f"link add {cable.near[1]} netns {near} type veth peer name {cable.far[1]} netns {far}"
    for plug in layout.plugs:
        if not plug.port.tap:
            station, there = plug.station, namespace_of(plug.device)
            peer = f"peer name eth0 address {station.mac} netns {station.name}"
            yield f"link add {plug.port.name} netns {there} type veth {peer}"


def guest_cables(plan: Plan, layout: Layout) -> tuple[Wire, ...]:
    """From each tap to the card of the guest behind it, once networkd has made the taps."""
    wires = [
        Wire((namespace_of(plug.device), plug.port.name), (plug.station.name, "eth0"))
        for plug in layout.plugs
        if plug.port.tap
    ]
    for number, cable in enumerate(layout.cables):
        if cable.tap and cable.far[0] == plan.router:
            wires.append(Wire((namespace_of(cable.near[0]), cable.near[1]), (SWITCH, f"q{number}")))
    return tuple(wires)


def devices(layout: Layout) -> tuple[str, ...]:
    """The switches and hypervisors on the stage, by name."""
    named = {plug.device for plug in layout.plugs} | {cable.near[0] for cable in layout.cables}
    return tuple(sorted(named))


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
    _namespaces(plan, layout)
    _pass_through(plan, layout)
    router, switch = _links(plan, layout)
    batch(router, ROUTER)
    batch(["link set lo up", *switch], SWITCH)
    batch(list(_ports(layout)))
    taps = {plug.station.name for plug in layout.plugs if plug.port.tap}
    for one in concentrators(plan, layout):
        one.raise_links()
    for station in _everybody(layout):
        if station.name not in taps:
            batch(addressing(station, layout), station.name)


def raise_guests(plan: Plan, layout: Layout) -> None:
    """Plug the guests into their taps, which stand by now. Raises CommandFailed, and OSError for a tap that is none."""
    relay(guest_cables(plan, layout))
    for plug in layout.plugs:
        if plug.port.tap:
            address = f"link set eth0 address {plug.station.mac}"
            batch([address, *addressing(plug.station, layout)], plug.station.name)
