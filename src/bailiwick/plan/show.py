"""The plan for a person: a table of contents of the network, each line with its place in the home file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, zip_longest
from typing import TypeAlias

from bailiwick.plan.ids import match_words, short
from bailiwick.plan.model import DhcpServer, Flow, Interface, LinkKind, Plan, ResolverInstance, Translation
from bailiwick.plan.switching import BridgePort
from bailiwick.plan.words import Addresses, duration, places, services

Row: TypeAlias = tuple[str, ...]


def show(plan: Plan) -> str:
    """The whole plan as text. Equal plans give equal texts; a line changes only with what it says."""
    parts = [f"{plan.name}: the plan for {plan.router} ({plan.platform}), {plan.domain}, {plan.timezone}\n"]
    for title, rows in _SECTIONS:
        body = list(rows(plan))
        if body:
            parts.append(f"{title}\n" + "".join(f"  {line}\n" for line in aligned(body)))
    return "\n".join(parts)


def aligned(rows: Iterable[Row]) -> Iterator[str]:
    """Columns padded to the widest of each, anew below each heading, which is a row of one cell."""
    for heading, block in groupby(rows, key=lambda row: len(row) == 1):
        found = list(block)
        if heading:
            yield from (row[0] for row in found)
            continue
        widths = [max(map(len, column)) for column in zip_longest(*found, fillvalue="")]
        for row in found:
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()


def _interfaces(plan: Plan) -> Iterator[Row]:
    for i in plan.interfaces:
        stands = i.place.replace(":", " ") if i.place else "no place of its own"
        yield i.name, _made_of(i), stands, _addressing(i), places(i.spans)


def _made_of(i: Interface) -> str:
    match i.kind:
        case LinkKind.VLAN:
            return f"VLAN {i.vlan} on {i.parent}"
        case LinkKind.BRIDGE:
            return f"bridge of {', '.join(i.members)}" + (", isolated" if i.isolate else "")
        case LinkKind.PPP:
            return f"PPPoE over {i.parent}"
        case LinkKind.TUNNEL if i.wireguard:
            return f"WireGuard to {i.wireguard.endpoint}"
        case _:
            return i.kind.value


def _addressing(i: Interface) -> str:
    said = []
    if i.address is not None:
        said.append(str(i.address))
    if i.dhcp:
        said.append("asks by DHCP")
    if i.gateway is not None:
        said.append(f"gateway {i.gateway}")
    if i.metric is not None:
        said.append(f"metric {i.metric}")
    if i.reaches:
        said.append("the way to " + " ".join(str(address) for address in i.reaches))
    if i.mtu is not None:
        said.append(f"MTU {i.mtu}")
    if i.mac is not None:
        said.append(f"card {i.mac}")
    if i.path is not None:
        said.append(f"at {i.path}")
    return ", ".join(said)


def _bridges(plan: Plan) -> Iterator[Row]:
    for bridge in plan.bridges:
        guests = f", guests run by {bridge.user}" if bridge.hypervisor else ""
        yield (f"{bridge.device}: bridge {bridge.name} ({bridge.platform}{guests})",)
        if bridge.management is not None:
            m = bridge.management
            told = f"gateway {m.gateway}, DNS {m.resolver}"
            yield f"  {m.interface}", f"VLAN {m.vlan} of the bridge itself", str(m.address), told, places(bridge.spans)
        for port in bridge.ports:
            card = [text for text in (port.mac, port.path) if text]
            to = "/".join(port.end) if port.end else "nothing named"
            yield f"  {port.name}", _vlans(port), f"to {to}", ", ".join(card), places(port.spans)
        for mirror in bridge.mirrors:
            yield f"  {mirror.target}", f"copies {', '.join(mirror.sources)}", "", "", places(mirror.spans)


def _vlans(port: BridgePort) -> str:
    said = [] if port.untagged is None else [f"untagged {port.untagged}"]
    if port.tagged:
        said.append("tagged " + " ".join(map(str, port.tagged)))
    return ", ".join(said or ["no VLAN"]) + (", isolated" if port.isolated else "") + (", tap" if port.tap else "")


def _guests(plan: Plan) -> Iterator[Row]:
    for g in plan.guests:
        given = [f"{g.cpus} CPU", f"{g.memory} MiB", f"{g.disk} GiB disk"]
        given.append(f"{g.display} on {g.listen}" if g.display != "none" else "no display")
        given.append("starts with it" if g.autostart else "started by hand")
        yield (f"{g.name}: guest of {g.hypervisor} ({g.platform}), {', '.join(given)}; {places(g.spans)}",)
        for card in g.cards:
            wire = f"{card.passthrough.bus} {card.passthrough.address}" if card.passthrough else card.tap
            address = "listens" if card.listens else card.address
            yield f"  {card.name}", wire, card.mac or "", address


def _exits(plan: Plan) -> Iterator[Row]:
    say = Addresses(plan).say
    for e in plan.exits:
        yield (
            short(e.uplink),
            f"table {e.table}",
            f"DNS port {e.resolver_port}",
            f"{say(e.sources)} by {e.interface} or not at all",
            places(e.spans),
        )


def _returns(plan: Plan) -> Iterator[Row]:
    for r in plan.returns:
        yield short(r.uplink), f"table {r.table}", f"what came in by {r.interface} is answered by it", places(r.spans)


def _flows(plan: Plan) -> Iterator[Row]:
    say = Addresses(plan).say

    def pair(flow: Flow) -> tuple[str, str]:
        return short(flow.ingress), short(flow.egress)

    for (ingress, egress), flows in groupby(sorted(plan.flows, key=lambda f: (*pair(f), f.id)), key=pair):
        yield (f"{ingress} -> {egress}",)
        for flow in flows:
            notes = [flow.reason]
            if flow.translated:
                notes.append("translated only")
            if flow.log:
                notes.append("logged")
            if flow.expires:
                notes.append(f"until {flow.expires}")
            yield (
                f"  {', '.join(services(flow.matches))}",
                f"{say(flow.sources)} -> {say(flow.destinations)}",
                "; ".join(notes),
                places(flow.spans),
            )


def _translations(plan: Plan) -> Iterator[Row]:
    say = Addresses(plan).say
    for t in plan.translations:
        destination = "the router's outer address" if t.destinations is None else say(t.destinations)
        if t.except_destinations:
            destination += f" except {say(t.except_destinations)}"
        entrance = ", ".join(short(place) for place in t.ingresses)
        yield (
            t.id,
            entrance,
            f"{match_words(t.match)} from {say(t.sources)} to {destination}",
            f"=> {_target(t)}",
            places(t.spans),
        )


def _target(t: Translation) -> str:
    port = f":{t.to_port}" if t.to_port is not None else ""
    return f"{t.to_address or 'the router'}{port}"


def _masquerades(plan: Plan) -> Iterator[Row]:
    say = Addresses(plan).say
    for m in plan.masquerades:
        which = "what came from there and was translated" if m.hairpin else "everything"
        yield m.id, f"leaving by {short(m.egress)}", say(m.sources), which, places(m.spans)


def _hygiene(plan: Plan) -> Iterator[Row]:
    say = Addresses(plan).say
    for place, addresses in sorted(plan.hygiene.bogons.items()):
        yield short(place), "never enters from", say(addresses)
    for place, addresses in sorted(plan.hygiene.martians.items()):
        but = " (but the DHCP client's requests)" if place in plan.hygiene.dhcp_clients else ""
        yield short(place), "never leaves to", say(addresses) + but
    for place in plan.hygiene.anti_spoof:
        yield short(place), "never enters from", "any but its own subnet"
    for place in plan.rejects:
        yield short(place), "is answered", "when it is refused (ICMP administratively prohibited)"
    if plan.fasttrack is not None:
        said = "by the rules, and by conntrack's judgement of what is invalid"
        yield "accepted TCP and UDP", "passes", f"{said}  {places(plan.fasttrack.spans)}"
    for clamp in plan.clamps:
        yield short(clamp.place), "clamps", "TCP's segment size to the path"


def _dhcp(plan: Plan) -> Iterator[Row]:
    for server in plan.dhcp:
        yield f"{server.id} on {server.interface}", _pool(server), _told(server), places(server.spans)
        for r in server.reservations:
            yield f"  {r.host}", str(r.address), r.mac, places(r.spans)


def _pool(server: DhcpServer) -> str:
    if server.pool is None or server.static_only:
        return "reservations alone"
    return f"{server.pool[0]}-{server.pool[1]}, {duration(server.lease)}"


def _told(server: DhcpServer) -> str:
    said = [f"router {server.router}", f"DNS {server.resolver}", f"domain {server.domain}"]
    if server.ntp:
        said.append("NTP " + " ".join(str(address) for address in server.ntp))
    said += [f"option {number} {' '.join(value)}" for number, value in server.options.items()]
    return ", ".join(said)


def _resolvers(plan: Plan) -> Iterator[Row]:
    for r in plan.resolvers:
        yield r.id, f"port {r.port} on {', '.join(r.interfaces)}", _answers(r), places(r.spans)


def _answers(r: ResolverInstance) -> str:
    if not r.serves:
        return "DHCP alone: a host answers DNS"
    asks = f"asks {', '.join(str(u) for u in r.upstreams)}" if r.upstreams else "asks nobody"
    by = f" by {r.upstream_interface} alone" if r.upstream_interface else ""
    rebind = "private answers refused" if r.rebind_protection else "private answers allowed"
    return f"{asks}{by}, keeps {r.cache}, {rebind}"


def _records(plan: Plan) -> Iterator[Row]:
    for resolver in plan.resolvers[:1]:
        for record in resolver.records:
            yield record.name, str(record.address), "and back" if record.reverse else "", places(record.spans)


def _dynamic_names(plan: Plan) -> Iterator[Row]:
    """What the owner has to set at the provider of his DNS: the vendor's name is known to the device alone."""
    if plan.dynamic_names:
        yield ("The router's own name is dns-name of `/ip cloud print`, as SERIAL.sn.mynetname.net.",)
    for one in plan.dynamic_names:
        if one.name is not None:
            yield f"{one.name}.", "CNAME", "that name", "set this at your DNS provider", places(one.spans)


def _clock(plan: Plan) -> Iterator[Row]:
    for one in plan.time_servers:
        yield one.server, "asked for the time", places(one.spans)


def _log(plan: Plan) -> Iterator[Row]:
    if plan.log_server is not None:
        one = plan.log_server
        yield str(one.address), f"udp/{one.port}", "hears it as well", places(one.spans)


def _settings(plan: Plan) -> Iterator[Row]:
    """What is the same for every interface stands once, as ``net/ipv4/conf/*/rp_filter``."""
    every = {"all", "default", *(i.name for i in plan.interfaces)}
    names: dict[Row, set[str]] = {}
    for s in plan.settings:
        head, conf, tail = s.key.partition("/conf/")
        name, _, leaf = tail.rpartition("/")
        row: Row = (f"{head}{conf}*/{leaf}" if conf else s.key, s.value, s.reason)
        names.setdefault(row, set()).add(name)
    for row, found in names.items():
        if found in (every, {""}):
            yield row
        else:
            yield from ((row[0].replace("*", name), *row[1:]) for name in sorted(found))


def _sheets(plan: Plan) -> Iterator[Row]:
    for sheet in plan.sheets:
        yield (f"{sheet.device} ({sheet.kind})",)
        for line in sheet.lines:
            yield (f"  {line}",)


_SECTIONS: tuple[tuple[str, Callable[[Plan], Iterator[Row]]], ...] = (
    ("Interfaces", _interfaces),
    ("Bridges", _bridges),
    ("Guests", _guests),
    ("Exits", _exits),
    ("Ways back", _returns),
    ("Who may open connections", _flows),
    ("Destination NAT, first match", _translations),
    ("Source NAT", _masquerades),
    ("Hygiene", _hygiene),
    ("DHCP", _dhcp),
    ("Resolvers", _resolvers),
    ("Names", _records),
    ("Names that follow the uplink's address", _dynamic_names),
    ("The clock", _clock),
    ("The log", _log),
    ("Kernel settings", _settings),
    ("Devices that you configure", _sheets),
)
