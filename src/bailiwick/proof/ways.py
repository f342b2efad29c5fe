"""Routing held against what was meant: what is accepted is also sent where it was meant to go.

The filter cannot show this: a packet that no route takes anywhere never comes to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from ipaddress import IPv4Address, IPv4Interface, ip_address

from bailiwick.dataplane.interpreter import Header, Interpreter
from bailiwick.dataplane.symbolic.interfaces import NONE
from bailiwick.dataplane.symbolic.routes import View
from bailiwick.intent.border import border, members
from bailiwick.network.model import Place
from bailiwick.packets import header
from bailiwick.packets.header import State
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import UDP
from bailiwick.packets.region import Region
from bailiwick.proof.difference import Difference, Kind, Meaning
from bailiwick.proof.filters import Filters
from bailiwick.proof.universe import UNICAST
from bailiwick.proof.witness import Example, Witnesses

BACK = View(header.SOURCE, header.DESTINATION, reverse=True, marked=False, begins=True)
"""The way of an answer, asked of the packet that it answers."""


class Ways:
    def __init__(self, filters: Filters) -> None:
        self.filters = filters
        self.universe = filters.universe
        self.space = filters.space
        self.intent = filters.intent

    def differences(self) -> Iterator[Difference]:
        yield from self._astray()
        yield from self._answers()
        yield from self._questions()

    def _astray(self) -> Iterator[Difference]:
        """Each pair of places once: accepted packets that routing sends elsewhere or nowhere."""
        wanted = (self.filters.wanted & self._aimed & self._first) - self._bound
        arriving = self.filters.arrives() & wanted
        astray = wanted & (wanted.without(header.OIF) - arriving.without(header.OIF))
        witnesses = Witnesses(self.universe)
        for part in self.universe.pairs(astray):
            example = witnesses.example(part)
            asking = tuple(Meaning(one.span, one.text) for one in self.intent.accepts(example.packet))
            way = example.walk.egress
            sentence = (
                f"it is accepted, and routing sends it out by {way}"
                if way
                else "it is accepted, and no route takes it there"
            )
            yield Difference(Kind.WAY, sentence, example.packet, example.walk.decided, asking)

    @cached_property
    def _aimed(self) -> Region:
        """Destinations that somebody there can have, and what no door takes."""
        network = self.intent.network
        internet = border(network).internet
        parts = []
        for zone in network.zones.values():
            numbers = self.universe.numbers.get(zone.id, IntervalSet())
            parts.append(self.space.box({header.OIF: numbers, header.DESTINATION: members(zone)}))
        for uplink in network.uplinks.values():
            numbers = self.universe.numbers.get(uplink.id, IntervalSet())
            parts.append(self.space.box({header.OIF: numbers, header.DESTINATION: internet}))
        own = self.universe.pipeline.routes().addresses.local
        # Nobody has the broadcast address of an uplink's own subnet, which may be a public one.
        shared = self.universe.pipeline.routes().addresses.shared
        onwards = self.space.union(parts) - self.space.among(header.DESTINATION, own | shared)
        inwards = self.space.box({header.OIF: IntervalSet.single(NONE), header.DESTINATION: own & UNICAST})
        # Linux takes a source of 0.0.0.0 on a broadcast alone, and no packet from others with an address of its own or
        # a broadcast one as its source (net/ipv4/route.c, ip_route_input_slow; fib_frontend.c, fib_validate_source).
        foreign = self.space.among(header.IIF, self.universe.pipeline.interfaces.every)
        pretended = foreign & self.space.among(header.SOURCE, own | shared)
        return (onwards | (inwards - self.space.among(header.SOURCE, IntervalSet.single(0)))) - pretended

    @cached_property
    def _first(self) -> Region:
        """New packets that no door takes; the router's own with an address of its own."""
        fresh = {
            header.STATE: IntervalSet.single(State.NEW),
            header.STATUS: IntervalSet.single(0),
            header.DIRECTION: IntervalSet.single(0),
            header.DYNAMIC: IntervalSet.single(0),
        }
        whole = self.space.box(fresh)
        for made in self.universe.pipeline.translations("prerouting").made:
            taken = made.region.without(header.OIF, header.STATUS, header.STATE, header.DIRECTION, header.DYNAMIC)
            whole -= taken - self.space.among(header.IIF, IntervalSet.single(NONE))
        return whole - self._not_its_own

    @cached_property
    def _not_its_own(self) -> Region:
        """The router sends with an address of its own; which one is routing's to choose, so one stands for all."""
        usual = min((int(zone.gateway) for zone in self.intent.network.zones.values()), default=0)
        router = self.space.among(header.IIF, IntervalSet.single(NONE))
        return router - self.space.among(header.SOURCE, IntervalSet.single(usual))

    @cached_property
    def _bound(self) -> Region:
        """What the router sends by an uplink of ``route-out`` is bound to it by the program that sends it; that its
        resolver is, the doors are asked."""
        ways = {route.uplink for route in self.intent.network.routes_out}
        leaving = IntervalSet.union(self.universe.numbers.get(place, IntervalSet()) for place in sorted(ways))
        return self.space.box({header.IIF: IntervalSet.single(NONE), header.OIF: leaving})

    def _answers(self) -> Iterator[Difference]:
        """The answer comes back where the question came in.

        For what enters by a zone and goes on, all of them; else for one connection of each pair of places: answers to
        what came by an uplink are told by marks, and the router's own by what it sends, which a walk knows.
        """
        witnesses = Witnesses(self.universe)
        passing = self.filters.passes().certain - self._not_its_own
        zones = [self.universe.numbers.get(zone.id, IntervalSet()) for zone in self.intent.network.zones.values()]
        every = self.universe.pipeline.interfaces.every
        onwards = self.space.box({header.IIF: IntervalSet.union(zones), header.OIF: every})
        for part in self.universe.pairs(passing & onwards & self._lost):
            yield self._unanswered(witnesses.example(part))
        for pair in self.universe.pairs(passing - onwards):
            for part in (pair, *self._of_neighbours(pair)):
                example = witnesses.example(part)
                if example.walk.accepted and self._is_lost(example, witnesses.interpreter):
                    yield self._unanswered(example)
                    break

    def _of_neighbours(self, pair: Region) -> Iterator[Region]:
        """Those from a network that a port of an uplink is in: the main table leads there by that port, whichever
        uplink they came by. The gateway itself asks nobody for anything."""
        device = self.universe.pipeline.device
        exits = self.intent.network.exits()
        gateways = IntervalSet.addresses(uplink.gateway for uplink in exits if uplink.gateway)
        for uplink in exits:
            for name in self.universe.places.interfaces(uplink.id):
                addresses = device.interfaces[name].addresses if name in device.interfaces else ()
                near = IntervalSet.union(_neighbours(one) for one in addresses if isinstance(one, IPv4Interface))
                if part := pair & self.space.among(header.SOURCE, near - gateways):
                    yield part

    def _unanswered(self, example: Example) -> Difference:
        asking = tuple(Meaning(one.span, one.text) for one in self.intent.accepts(example.packet))
        sentence = "it is accepted, and its answer does not find the way back"
        return Difference(Kind.WAY, sentence, example.packet, example.walk.decided, asking)

    @cached_property
    def _lost(self) -> Region:
        """Packets whose answer is routed to another interface than the one by which they enter."""
        back = self.universe.pipeline.routes().ways(BACK)
        parts = []
        for number in self.universe.pipeline.interfaces.numbers.values():
            elsewhere = self.space.union(region for exit_, region in back.items() if exit_ != number)
            parts.append(elsewhere & self.space.among(header.IIF, IntervalSet.single(number)))
        return self.space.union(parts)

    def _questions(self) -> Iterator[Difference]:
        """What the router's resolvers ask leaves by the interface that they ask by."""
        interpreter = Witnesses(self.universe).interpreter
        own = {name: one.addresses for name, one in self.universe.pipeline.device.interfaces.items()}
        for listener in self.universe.pipeline.device.listeners:
            for server, interface in listener.upstreams:
                if interface is None or ip_address(server).version != 4:
                    continue
                addresses = [one.ip for one in own.get(interface, ()) if one.version == 4]
                asked = Header(
                    source=next(iter(addresses), IPv4Address(0)),
                    destination=ip_address(server),
                    protocol=UDP,
                    source_port=49152,
                    destination_port=53,
                )
                walk = interpreter.walk(asked, egress=interface)
                if not walk.accepted or walk.egress != interface:
                    sentence = f"the questions of {listener.name} for {server} do not leave by {interface}"
                    yield Difference(Kind.WAY, sentence, line=walk.decided or listener.line)

    def _is_lost(self, example: Example, interpreter: Interpreter) -> bool:
        packet = example.packet
        if packet.source.is_multicast or packet.destination.is_multicast or not int(packet.source):
            return False
        if int(packet.destination) == (1 << 32) - 1 or packet.protocol not in (6, 17):
            return False
        try:
            answer = interpreter.reply(example.walk)
        except ValueError:
            return False
        back = example.sent.iif
        return not answer.accepted or (packet.ingress != Place.ROUTER and answer.egress != back)


def _neighbours(port: IPv4Interface) -> IntervalSet:
    """Who else has room in a port's network: not its own two ends where they are nobody's (RFC 3021: below /31)."""
    network = port.network
    ends = 1 if network.prefixlen < 31 else 0
    everyone = IntervalSet.span(int(network.network_address) + ends, int(network.broadcast_address) - ends)
    return everyone - IntervalSet.addresses([port.ip])
