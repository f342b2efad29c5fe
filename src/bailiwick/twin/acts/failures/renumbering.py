"""An uplink goes away and comes back with another address, as a provider does it at night.

Connections of before must not go on under the old address (``masq_inet_event`` and ``masq_device_event``,
net/netfilter/nf_nat_masquerade.c, forget them), and every door follows to the new one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from bailiwick.network.model import Addressing
from bailiwick.packets.packet import TCP, UDP
from bailiwick.plan.model import LinkKind, Translation
from bailiwick.twin.acts.failures.streams import sample, streaming
from bailiwick.twin.acts.nat.datagrams import SYN, Datagram
from bailiwick.twin.acts.nat.hairpin import turn
from bailiwick.twin.acts.nat.puppets import Puppets
from bailiwick.twin.acts.nat.speakers import PEERS, Speaker, enter, far_of, speakers
from bailiwick.twin.acts.nat.talk import comparison, mark, opening, reply, sent_out, untried
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.layout import ROUTER, SWITCH, Line
from bailiwick.twin.result import Check
from bailiwick.twin.scene.concentrator import Concentrator, concentrators
from bailiwick.twin.scene.namespaces import CommandFailed, batch, run_in
from bailiwick.twin.scene.outside import SESSION, hang_up, renumber, serve
from bailiwick.twin.script import Probe

AWAY = "an uplink away"
BACK = "an uplink back with another address"


def renumbered(stage: Stage) -> Iterator[Check]:
    """Every uplink whose address is the provider's affair, one after the other; each gets its own back in the end."""
    for line in stage.layout.lines:
        uplink = stage.network.uplinks[_name(line)]
        if uplink.addressing in (Addressing.DHCP, Addressing.PPPOE):
            yield from _renumbered(stage, line)
        elif uplink.addressing is Addressing.STATIC:
            yield untried(f"{BACK}, {uplink.name}", "its address is the owner's")


def _name(line: Line) -> str:
    return line.uplink.partition(":")[2]


def _other(line: Line, stage: Stage) -> IPv4Address:
    """An address that the provider could give as well."""
    held = {address.ip for station in stage.layout.stations for address in station.addresses}
    held |= {one.address.ip for one in stage.layout.lines} | {line.far}
    if line.address.network.prefixlen == 32:
        return next(one for one in (line.address.ip - 1, line.address.ip - 2) if one not in held)
    return next(one for one in line.address.network.hosts() if one not in held)


def _renumbered(stage: Stage, line: Line) -> Iterator[Check]:
    new = _other(line, stage)
    with Puppets(stage) as puppets:
        flows = [flow for flow in (_flow(stage, puppets, line, protocol) for protocol in (UDP, TCP)) if flow]
        with streaming(stage, _steady(stage, line)) as streams:
            _lose(stage, line)
            yield _unseen(stage, puppets, line, flows)
            _find(stage, line, new)
        yield streams.nothing_forbidden(f"{AWAY}, {_name(line)}: what is denied")
        try:
            yield from _moved(stage, puppets, line, new, flows)
        finally:
            _lose(stage, line)
            _find(stage, line, line.address.ip)
        for flow in flows:
            opened = opening(flow.speaker, PEERS[0], puppets.fresh_port())
            out = sent_out(puppets, flow.speaker, opened)
            yield comparison(
                f"{BACK}, {_name(line)}: its own again",
                flow.words,
                str(line.address.ip),
                str(out.source) if out else "lost",
            )


def _steady(stage: Stage, line: Line) -> list[Probe]:
    """Packets whose fate does not hang on the uplink: what is beside an uplink's own address is the internet's while
    that is away."""
    subnets = [other.address.network for other in stage.layout.lines]
    return [
        probe
        for probe in sample(stage)
        if probe.packet.egress != line.uplink and not any(probe.destination in subnet for subnet in subnets)
    ]


@dataclass(frozen=True, slots=True)
class _Flow:
    """One conversation from before, by its first packet as sent and as seen outside."""

    speaker: Speaker
    opened: Datagram
    out: Datagram

    @property
    def words(self) -> str:
        return "TCP" if self.speaker.protocol == TCP else "UDP"


def _flow(stage: Stage, puppets: Puppets, line: Line, protocol: int) -> _Flow | None:
    for speaker in speakers(stage, protocol):
        if speaker.line == line:
            enter(puppets, speaker)
            opened = opening(speaker, PEERS[0], puppets.fresh_port())
            out = sent_out(puppets, speaker, opened)
            if out:
                puppets.send(speaker.far, reply(out))
                return _Flow(speaker, opened, out)
    return None


def _unseen(stage: Stage, puppets: Puppets, line: Line, flows: list[_Flow]) -> Check:
    """While it is away its conversations are seen by no other uplink, unless with that one's address."""
    puppets.forget()
    for flow in flows:
        puppets.send(flow.speaker.station, replace(flow.opened, payload=b"away"))
    puppets.wait(stage.patience)
    right = {far_of(stage, other.uplink).name: other.address.ip for other in stage.layout.lines}
    seen = [
        f"{one.source} by {name}"
        for name, one in puppets.all_heard(lambda one: one.payload == b"away" and one.destination == PEERS[0])
        if right.get(name) != one.source
    ]
    subject = f"{AWAY}, {_name(line)}: its conversations"
    return Check(subject, "never under an address of another's", ", ".join(seen) or "not seen so", not seen)


def _moved(stage: Stage, puppets: Puppets, line: Line, new: IPv4Address, flows: list[_Flow]) -> Iterator[Check]:
    where = _name(line)
    if not flows:
        yield untried(f"{BACK}, {where}: conversations of before", "nobody may open one")
    puppets.forget()
    for flow in flows:
        seen = _again(puppets, flow)
        shown = "lost" if seen is None else f"from {seen.source}"
        yield comparison(f"{BACK}, {where}: conversations of before", flow.words, f"from {new}", shown)
    old = puppets.all_heard(lambda one: one.source == line.address.ip)
    yield comparison(
        f"{BACK}, {where}: the old address", "as a source", "seen nowhere", "seen" if old else "seen nowhere"
    )
    for door in stage.plan.translations:
        if door.id.startswith("dnat:") and line.uplink in door.ingresses:
            yield _door(stage, puppets, line, new, door)
            yield _closed(stage, puppets, line, door)
        if door.id.startswith("hairpin:") and door.destinations is None:
            for zone in door.ingresses:
                yield from turn(stage, puppets, door, zone, new)


def _again(puppets: Puppets, flow: _Flow) -> Datagram | None:
    """Its first packet once more. What had gone on by another uplink is forgotten with one packet lost
    (``nf_nat_oif_changed``, net/netfilter/nf_nat_core.c)."""

    def same(one: Datagram) -> bool:
        return (one.destination, one.port, one.protocol) == (PEERS[0], flow.opened.port, flow.opened.protocol)

    for _ in range(2):
        puppets.send(flow.speaker.station, flow.opened)
        if seen := puppets.hear(flow.speaker.far, same):
            return seen
    return None


def _knock(
    stage: Stage, puppets: Puppets, line: Line, target: IPv4Address, door: Translation
) -> tuple[Datagram, Datagram | None]:
    """A first packet to the door at that address, and what its host saw of it."""
    far = far_of(stage, line.uplink)
    peer = PEERS[0] if int(PEERS[0]) in door.sources else IPv4Address(door.sources.first() + 1)
    puppets.play(far, peer)
    protocol, ports = door.match.protocol or TCP, door.match.ports or (0, 0)
    flags = SYN if protocol == TCP else 0
    one = Datagram(peer, target, protocol, puppets.fresh_port(), ports[0], mark(puppets), flags=flags, sequence=1)
    for server in stage.layout.stations:
        if any(held.ip == door.to_address for held in server.addresses) and door.to_address:
            puppets.play(server, door.to_address)
            puppets.send(far, one)
            seen = puppets.hear(server, lambda got: got.payload == one.payload)
            if seen:
                puppets.send(server, reply(seen, payload=b""))
            return one, seen
    return one, None


def _door(stage: Stage, puppets: Puppets, line: Line, new: IPv4Address, door: Translation) -> Check:
    one, seen = _knock(stage, puppets, line, new, door)
    far = far_of(stage, line.uplink)
    back = (
        puppets.hear(far, lambda got: got.port == one.source_port and got.destination == one.source) if seen else None
    )
    shown = f"answered from {back.source}" if back else "reached, not answered" if seen else "not reached"
    return comparison(f"{BACK}, {_name(line)}: a forward", door.id.partition(":")[2], f"answered from {new}", shown)


def _closed(stage: Stage, puppets: Puppets, line: Line, door: Translation) -> Check:
    _, seen = _knock(stage, puppets, line, line.address.ip, door)
    subject = f"{BACK}, {_name(line)}: a forward by the old address"
    return comparison(subject, door.id.partition(":")[2], "not reached", "reached" if seen else "not reached")


def _wire(stage: Stage, line: Line) -> str:
    """The switch's end of the router's wire for this uplink. Raises CommandFailed."""
    links = {link["ifname"]: link for link in json.loads(run_in(ROUTER, "ip", "-j", "link"))}
    name = line.interface
    stood_in = [one for one, link in links.items() if link.get("master") == name]
    interface = stage.plan.interface_of(line.uplink)
    if stood_in:
        name = stood_in[0]
    elif interface.kind is LinkKind.VLAN and interface.parent:
        name = interface.parent
    other = links[name].get("link_index")
    for link in json.loads(run_in(SWITCH, "ip", "-j", "link")):
        if link["ifindex"] == other:
            return str(link["ifname"])
    raise CommandFailed(f"{name}: its other end is not on the switch")


def _session(stage: Stage, line: Line) -> Concentrator | None:
    """The provider's end of a session that is real here."""
    found = (one for one in concentrators(stage.plan, stage.layout) if one.line.uplink == line.uplink)
    return next(found, None)


def _lose(stage: Stage, line: Line) -> None:
    """The cable pulled, or the session ended; its address goes with it. Raises CommandFailed when the address stays."""
    if session := _session(stage, line):
        hang_up(session)
    elif stage.plan.interface_of(line.uplink).kind is LinkKind.PPP:
        batch([f"address flush dev {line.interface}", f"link set {line.interface} down"], ROUTER)
    else:
        batch([f"link set {_wire(stage, line)} down"], SWITCH)
    _wait(stage, line, None)


def _find(stage: Stage, line: Line, address: IPv4Address) -> None:
    """The cable back in, and this address given. Raises CommandFailed when the router does not take it."""
    uplink = stage.network.uplinks[_name(line)]
    if stage.plan.interface_of(line.uplink).kind is LinkKind.PPP:
        name, far = line.interface, far_of(stage, line.uplink)
        if session := _session(stage, line):
            serve(session, address)
        else:
            batch([f"address add {address} peer {line.far} dev {name}", f"link set {name} up"], ROUTER)
        mac = stage.router.macs()[name]
        told = [f"neighbour replace {address} lladdr {mac} dev eth0 nud permanent", f"route replace {address} dev eth0"]
        batch(told, far.name)
    else:
        renumber(uplink, line, address)
        batch([f"link set {_wire(stage, line)} up"], SWITCH)
    _wait(stage, line, address)


def _wait(stage: Stage, line: Line, address: IPv4Address | None) -> None:
    """Until the interface holds the address and a default route leads there; or neither."""
    deadline = time.monotonic() + 2 * stage.router.ready
    while time.monotonic() < deadline:
        links = json.loads(run_in(ROUTER, "ip", "-j", "-4", "address"))
        held = [info["local"] for link in links if link["ifname"] == line.interface for info in link["addr_info"]]
        routes = json.loads(run_in(ROUTER, "ip", "-j", "-4", "route", "show", "table", "all", "default"))
        led = any(route.get("dev") == line.interface for route in routes)
        session = _session(stage, line) if address else None
        both = session is None or session.up(SESSION)
        if held == ([str(address)] if address else []) and led == (address is not None) and both:
            return
        time.sleep(0.03)
    wanted = f"holds {address}" if address else "is without its address"
    raise CommandFailed(
        f"{line.interface} never {wanted}; networkd said:\n{stage.router.log('systemd-networkd')[-800:]}"
    )
