"""A forward used from inside, by the router's address on the uplink (RFC 4787 §6, RFC 5382 §7.2, RFC 5508 §3.3, §4.3).

The service sees the caller's own address, or the router's where both are in one zone: else the answer would go there
without passing the router. It never sees the uplink's address, as the requirement has it: that the home's own hosts
are told apart is worth more to a home than that.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import TCP
from bailiwick.plan.model import Translation
from bailiwick.twin.acts.nat.datagrams import PORT_UNREACHABLE, SYN, UNREACHABLE, Datagram, complaint
from bailiwick.twin.acts.nat.errors import heard_of
from bailiwick.twin.acts.nat.puppets import Puppets
from bailiwick.twin.acts.nat.talk import NAMES, comparison, reply, untried
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.layout import Station
from bailiwick.twin.result import Check

HAIRPIN = "NAT: a forward used from inside"
HAIRPIN_SOURCE = "NAT: whom the service of a forward sees from inside"
HAIRPIN_ERROR = "NAT: an error about a forward used from inside"


def hairpins(stage: Stage) -> Iterator[Check]:
    """From every zone that has one, by the address of every uplink of the forward."""
    doors = [door for door in stage.plan.translations if door.id.startswith("hairpin:")]
    if not doors:
        yield untried(HAIRPIN, "no zone reaches the host of a forward")
    with Puppets(stage) as puppets:
        for door in doors:
            for zone in door.ingresses:
                for outside in _addresses(stage, door):
                    yield from turn(stage, puppets, door, zone, outside)


def _addresses(stage: Stage, door: Translation) -> list[IPv4Address]:
    held = [line.address.ip for line in stage.layout.lines if not stage.network.uplinks[_name(line.uplink)].tunnel]
    return [one for one in held if door.destinations is None or int(one) in door.destinations]


def _name(uplink: str) -> str:
    return uplink.partition(":")[2]


def _host(stage: Stage, place: str, wanted: IntervalSet, but: IPv4Address | None) -> tuple[Station, IPv4Address] | None:
    for station in stage.layout.at(place):
        for held in station.addresses:
            edges = (held.network[0], held.network[-1], station.gateway)
            if int(held.ip) in wanted and held.ip != but and held.ip not in edges:
                return station, held.ip
    return None


def _server(stage: Stage, address: IPv4Address | None) -> Station | None:
    return next((s for s in stage.layout.stations for held in s.addresses if held.ip == address), None)


def turn(stage: Stage, puppets: Puppets, door: Translation, zone: str, outside: IPv4Address) -> Iterator[Check]:
    """One connection from the zone by the router's address ``outside``, its answer, and an error about that."""
    server, target = _server(stage, door.to_address), door.to_address
    caller = _host(stage, zone, door.sources, target)
    where = f"{door.id.partition(':')[2]}, {NAMES[door.match.protocol or TCP]} from {_name(zone)} to {outside}"
    if server is None or target is None or caller is None or door.match.ports is None:
        yield untried(f"{HAIRPIN}, {where}", "nobody stands there to call or to answer")
        return
    station, source = caller
    puppets.play(station, source)
    puppets.play(server, target)
    protocol = door.match.protocol or TCP
    flags = SYN if protocol == TCP else 0
    one = Datagram(source, outside, protocol, puppets.fresh_port(), door.match.ports[0], flags=flags, sequence=1000)
    puppets.send(station, one)
    to_port = door.to_port or one.port
    seen = puppets.hear_bytes(server, lambda got: (got.destination, got.port, got.flags) == (target, to_port, flags))
    if seen is None:
        yield Check(f"{HAIRPIN}, {where}", "there and back", "it did not reach the host", False)
        return
    puppets.send(server, reply(seen[0]))
    back = puppets.hear(station, lambda got: (got.source, got.port) == (outside, one.source_port) and not got.error)
    right = back is not None and back.source_port == one.port
    yield comparison(HAIRPIN, where, "there and back", "there and back" if right else "no answer came back")
    expected = station.gateway if zone == server.place else source
    yield comparison(HAIRPIN_SOURCE, where, str(expected), str(seen[0].source))
    puppets.send(server, complaint(seen[1], target, UNREACHABLE, PORT_UNREACHABLE))
    told = heard_of(puppets, station, one, outside)
    yield comparison(HAIRPIN_ERROR, where, "turned back", "turned back" if told and told.whole else "not seen")
