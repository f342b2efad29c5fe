"""Hosts that go out by a tunnel, by a routing table of their own: whether they do when it is gone, and their names."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.interpreter import Header, Interpreter
from bailiwick.dataplane.rules import FastTrack
from bailiwick.dataplane.symbolic.addresses import Scenario, span
from bailiwick.dataplane.tally import Line
from bailiwick.packets import header
from bailiwick.packets.header import State, Status
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import TCP, UDP
from bailiwick.packets.region import Region
from bailiwick.packets.region_wording import addresses
from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding, Severity, Unreplayed
from bailiwick.proof.audit.reading import asks_of_marks, shown
from bailiwick.proof.audit.replay import Seen
from bailiwick.proof.audit.view import View

_MAIN = frozenset({"main", "default", "local", "254", "253", "255"})
_DNS = IntervalSet.of([(53, 53), (853, 853)])


def tunnels(context: Context) -> Iterator[Finding]:
    """Of IPv4, for each tunnel that a routing table of its own leads to."""
    view = context.main
    for exit_ in _exits(view):
        pinned = _pinned(view, exit_)
        if not pinned:
            continue
        who = _who(view, pinned)
        yield from _leak(context, view, exit_, pinned, who)
        yield from _names(context, view, exit_, pinned, who)
        yield from _fast(context, view, exit_, pinned, who)


def _exits(view: View) -> list[str]:
    """Tunnels to which a table of its own sends everything, and the main one does not."""
    defaults: dict[bool, set[str]] = {True: set(), False: set()}
    for route in view.device.routing.routes:
        whole = route.prefix is not None and not route.prefix.prefixlen and route.prefix.version == view.family
        if whole and route.kind == "unicast" and route.interface is not None:
            defaults[route.table in _MAIN].add(route.interface)
    kinds = {name: one.kind for name, one in view.device.interfaces.items()}
    return sorted(name for name in defaults[False] - defaults[True] if kinds.get(name) in ("tunnel", "ppp"))


def _pinned(view: View, exit_: str) -> Region:
    """New packets that leave by the tunnel alone, for what is not just behind it."""
    leaving = view.space.among(header.OIF, IntervalSet.single(view.interfaces.number(exit_)))
    near = [a.network for a in view.device.interfaces[exit_].addresses if a.version == view.family]
    near += [r.prefix for r in view.device.routing.routes if r.interface == exit_ and r.prefix and r.prefix.prefixlen]
    behind = IntervalSet.union(span(network) for network in near if network.version == view.family)
    leaving -= view.space.among(header.DESTINATION, behind)
    return view.certain & leaving & view.space.union(view.entering(zone) for zone in view.zones.inside)


def _sources(region: Region) -> Region:
    """By where they come from alone."""
    others = (header.OIF, header.DESTINATION, header.PROTOCOL, header.DESTINATION_PORT, header.SOURCE_PORT)
    return region.without(*others, header.ICMP_TYPE, header.ICMP_CODE, header.TCP_FLAGS, header.STATUS, header.DYNAMIC)


def _who(view: View, pinned: Region) -> str:
    width = view.space.widths[header.SOURCE]
    every = IntervalSet.span(0, (1 << width) - 1)
    only = pinned.without(*(field for field in view.space.widths if field != header.SOURCE))
    return addresses(IntervalSet.union(box.get(header.SOURCE, every) for box in only.boxes((header.SOURCE,))), width)


def _leak(context: Context, view: View, exit_: str, pinned: Region, who: str) -> Iterator[Finding]:
    down = frozenset({exit_})
    after = view.delivered(Scenario(down)).filter.possible & view.new
    spare = _spare(view, exit_)
    others = [zone for zone in view.zones.outside if spare.isdisjoint(zone.interfaces) and "*" not in zone.interfaces]
    elsewhere = view.space.union(view.space.among(header.OIF, view.numbers[zone.id]) for zone in others)
    leaking = after & elsewhere & pinned.without(header.OIF)
    if not leaking:
        return
    try:
        seen = context.replay(view).passing(leaking, down=down)
    except Unreplayed as error:
        context.defect(error)
        return
    ways = shown(zone.name for zone in others if leaking & view.space.among(header.OIF, view.numbers[zone.id]))
    yield Finding(
        "tunnel-leak",
        Severity.HIGH,
        f"When {exit_} is gone, {who} goes out by {ways}, under the home's own address.",
        f"Its table loses its only route, the main one is asked next, and no rule stops what leaves by {ways}.",
        f"with {exit_} down: {seen}",
        (*_routes(view, exit_), *([seen.decided] if seen.decided else [])),
        _blackhole(view, exit_),
    )


def _spare(view: View, exit_: str) -> set[str]:
    """The exits that its own tables name: to go out by another of them is what somebody meant."""
    routes = [r for r in view.device.routing.routes if r.prefix is not None and not r.prefix.prefixlen]
    tables = {route.table for route in routes if route.interface == exit_}
    return {exit_, *(r.interface for r in routes if r.table in tables and r.interface is not None)}


def _routes(view: View, exit_: str) -> tuple[Line, ...]:
    return tuple(
        route.line
        for route in view.device.routing.routes
        if route.interface == exit_ and route.table not in _MAIN and route.line is not None
    )


def _blackhole(view: View, exit_: str) -> str:
    table = next(r.table for r in view.device.routing.routes if r.interface == exit_ and r.table not in _MAIN)
    if view.syntax == "routeros":
        return f"/ip route add blackhole dst-address=0.0.0.0/0 routing-table={table} distance=254"
    return f"ip route add unreachable default metric 4278198272 table {table}"


def _names(context: Context, view: View, exit_: str, pinned: Region, who: str) -> Iterator[Finding]:
    """Its questions for names, as far as they are routed and pass another way."""
    tunnel = view.space.among(header.OIF, IntervalSet.single(view.interfaces.number(exit_)))
    asking = view.space.box({header.DESTINATION_PORT: _DNS, header.PROTOCOL: IntervalSet.of([(TCP, TCP), (UDP, UDP)])})
    astray = (view.passes & asking & _sources(pinned)) - tunnel
    if not astray:
        return
    try:
        plain = {header.PROTOCOL: IntervalSet.single(UDP), header.DESTINATION_PORT: IntervalSet.single(53)}
        seen = context.replay(view).passing(astray, plain)
    except Unreplayed as error:
        context.defect(error)
        return
    yield Finding(
        "tunnel-dns",
        Severity.MEDIUM,
        f"What {who} asks of DNS may go another way than {exit_}: who answers learns what it looks up.",
        "A resolver of the home asks on by the home's own line. Resolvers within its own subnet are not routed, and "
        "cannot be seen here.",
        str(seen),
        _routes(view, exit_),
        f"send its DNS by {exit_} (destination NAT to a resolver beyond it), and drop its other DNS",
    )


def _fast(context: Context, view: View, exit_: str, pinned: Region, who: str) -> Iterator[Finding]:
    """Established packets that are fast-tracked pass by every mark, and so by the main table."""
    lines = [
        rule.line
        for _, _, rule in context.rules(view)
        if any(isinstance(step, FastTrack) for step in rule.steps) and not asks_of_marks(rule)
    ]
    if not lines:
        return
    first = context.replay(view).example(pinned)
    sent = context.replay(view).wire(first)
    later = Header(
        sent.source, sent.destination, sent.iif, sent.protocol, sent.source_port, sent.destination_port,
        tcp_flags=0x10 if sent.protocol == TCP else 0, state=State.ESTABLISHED, status=Status.CONFIRMED,
    )  # fmt: skip
    walks = Interpreter(view.device).outcomes(later).walks
    walk = next((one for one in walks if one.fasttracked), None)
    if walk is None:
        return
    yield Finding(
        "fasttrack-marks",
        Severity.HIGH,
        f"Connections of {who} are fast-tracked, past the marks that send them to {exit_}.",
        "After its first packets, what is fast-tracked is looked up in the main table alone.",
        f"{Seen(later, walk)}, fast-tracked",
        tuple(lines),
        "/ip firewall filter set [find action=fasttrack-connection] connection-mark=no-mark"
        if view.syntax == "routeros"
        else "offload only connections without a mark: ct mark 0",
    )
