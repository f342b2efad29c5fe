"""Not one packet more, not one less: what the written rules let pass, held against what the sentences accept.

Both are sets of packets as the filter sees them. ``more`` is asked whatever is up or down, for a leak that waits for
a tunnel to fall is a leak; ``less`` with everything up, and once more for each uplink that may have to carry all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from bailiwick.dataplane.interpreter import End
from bailiwick.dataplane.rules import Drop
from bailiwick.dataplane.symbolic.addresses import ALL_UP, Scenario
from bailiwick.dataplane.symbolic.delivery import Delivered, Deliveries, Passed
from bailiwick.dataplane.symbolic.effect import Value
from bailiwick.dataplane.symbolic.hooks import Base
from bailiwick.dataplane.symbolic.interfaces import NONE
from bailiwick.dataplane.symbolic.pipeline import LOST
from bailiwick.dataplane.symbolic.way import ACCEPT, of_kind
from bailiwick.intent import Intent
from bailiwick.network.model import Place
from bailiwick.packets import header
from bailiwick.packets.header import Status
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import Packet
from bailiwick.packets.region import Region
from bailiwick.proof.difference import Difference, Kind, Meaning
from bailiwick.proof.universe import Universe
from bailiwick.proof.witness import Witnesses

DNS = 53
ANY = Scenario(uncertain=True)


class Filters:
    """Intent and device in one space."""

    def __init__(self, intent: Intent, universe: Universe) -> None:
        self.intent = intent
        self.universe = universe
        self.space = universe.space

    @cached_property
    def wanted(self) -> Region:
        """What the home file accepts, less what its hygiene forbids."""
        meant = self.universe.union(one.packets for one in self.intent.meant)
        return self._resolved(meant - self.barred) & self.universe.possible

    @cached_property
    def barred(self) -> Region:
        """What hygiene forbids."""
        return self.universe.union(one.packets for one in self.intent.hygiene)

    def _resolved(self, wanted: Region) -> Region:
        """A redirected question keeps port 53 in what was meant; the filter sees the port where its resolver listens.

        Which questions may be taken there, and which resolver it is, the doors are asked.
        """
        asked = wanted & self.space.box({header.OIF: IntervalSet.single(NONE)})
        asked &= self.space.bits(header.STATUS, Status.DNAT, Status.DNAT)
        asked = asked.given(header.DESTINATION_PORT, DNS)
        ports = IntervalSet.of((port, port) for port in self._redirected())
        return wanted | (asked & self.space.among(header.DESTINATION_PORT, ports))

    def _redirected(self) -> set[int]:
        """The ports of its own to which the device turns what comes for others."""
        local = self.universe.pipeline.routes().addresses.local
        found = set()
        for made in self.universe.pipeline.translations("prerouting").made:
            port, where = made.effect.of(header.DESTINATION_PORT), made.effect.of(header.DESTINATION)
            if isinstance(port, Value) and (where is None or (isinstance(where, Value) and where.value in local)):
                found.add(port.value)
        return found - {DNS}

    def passes(self, scenario: Scenario = ALL_UP) -> Passed:
        """Of both kinds of packets, those that come and the device's own."""
        parts = self.delivered(scenario)
        certain = self.space.union(part.filter.certain for part in parts)
        return Passed(certain & self.universe.possible, self.possible(scenario))

    def possible(self, scenario: Scenario = ALL_UP) -> Region:
        return self.space.union(part.filter.possible for part in self.delivered(scenario)) & self.universe.possible

    def arrives(self, scenario: Scenario = ALL_UP) -> Region:
        return self.space.union(part.arrives for part in self.delivered(scenario)) & self.universe.possible

    def delivered(self, scenario: Scenario) -> tuple[Delivered, Delivered]:
        if scenario not in self._delivered:
            deliveries = Deliveries(self.universe.pipeline, scenario)
            self._delivered[scenario] = (deliveries.foreign, deliveries.own)
        return self._delivered[scenario]

    @cached_property
    def _delivered(self) -> dict[Scenario, tuple[Delivered, Delivered]]:
        return {}

    @cached_property
    def let_on(self) -> Region:
        """What no chain may stop behind the routing decision; which way a packet takes is asked elsewhere."""
        pipeline, nothing = self.universe.pipeline, self.space.nothing
        filtered = {}
        for hook in (*self.sides, "postrouting"):
            # A NAT chain may drop as well: by its policy, or by a rule.
            way = pipeline.along({ACCEPT: self.space.everything}, pipeline.hook(hook).stops, hook)
            filtered[hook] = pipeline.filtered(hook).must - of_kind(way, nothing, *LOST)
        inwards, onwards, outwards = (region & filtered[hook] for hook, region in self.sides.items())
        return inwards | ((onwards | outwards) & filtered["postrouting"])

    def scenarios(self) -> Iterator[Scenario]:
        """All up; then each uplink that is no tunnel alone, where there are several."""
        yield ALL_UP
        exits = [self.universe.places.interfaces(uplink.id) for uplink in self.intent.network.exits()]
        if len(exits) > 1:
            for alone in exits:
                yield Scenario(frozenset(name for names in exits if names != alone for name in names))

    def differences(self) -> Iterator[Difference]:
        """Each pair of places once, with a packet that shows it."""
        more = self.possible(ANY) - self.wanted
        certain = self.possible() - self.wanted
        for part in self.universe.pairs(more):
            yield self._more(part & certain or part)
        for scenario in self.scenarios():
            less = (self.arrives(scenario) & self.wanted) - self.let_on
            for part in self.universe.pairs(less):
                yield self._less(part, scenario)
        yield from self._open_while_loading()

    def _open_while_loading(self) -> Iterator[Difference]:
        """A chain that is being filled knows its policy alone. Those of RouterOS have none: there the script forwards
        nothing and has no uplink before its rules stand."""
        pipeline = self.universe.pipeline
        if pipeline.device.platform == "routeros":
            return
        for hook in ("input", "forward", "output"):
            bases = [stop.chain for stop in pipeline.hook(hook).stops if isinstance(stop, Base)]
            hooks = [(chain, chain.hook) for chain in bases if chain.hook is not None and chain.hook.type == "filter"]
            if any(isinstance(one.policy, Drop) for _, one in hooks):
                continue
            unwanted = self.arrives() & self.sides[hook] - self.wanted
            packet = Witnesses(self.universe).example(unwanted).packet if unwanted else None
            sentence = f"it passes while the rules are being loaded: no chain at {hook} has the policy drop"
            yield Difference(Kind.MORE, sentence, packet, hooks[-1][0].line if hooks else None)

    @cached_property
    def sides(self) -> dict[str, Region]:
        """The packets of each of the filter's hooks, by where they enter and leave."""
        every, nobody = self.universe.pipeline.interfaces.every, IntervalSet.single(NONE)
        return {
            "input": self.space.box({header.IIF: every, header.OIF: nobody}),
            "forward": self.space.box({header.IIF: every, header.OIF: every}),
            "output": self.space.box({header.IIF: nobody, header.OIF: every}),
        }

    def _more(self, region: Region) -> Difference:
        """The packet is walked with everything up, then with one interface at a time down, until it passes."""
        witnesses = Witnesses(self.universe)
        example, when = witnesses.example(region), ""
        if not (sure := witnesses.passes(example)):
            for name in sorted(self.universe.places.by_interface):
                without = Witnesses(self.universe, frozenset({name}))
                other = without.example(region)
                if without.passes(other):
                    example, when, sure = other, f", when {name} is down", True
                    break
        forbidding = tuple(Meaning(one.span, one.text) for one in self.intent.forbids(example.packet))
        sentence = "it passes, and nothing in the home file asks for it"
        if forbidding:
            sentence = "it passes, and the home file forbids it"
        line = example.walk.decided
        return Difference(Kind.MORE, sentence + when, example.packet, line, forbidding, example.sent_to, certain=sure)

    def _less(self, region: Region, scenario: Scenario) -> Difference:
        witnesses = Witnesses(self.universe, scenario.down)
        example = witnesses.example(region)
        asking = tuple(Meaning(one.span, one.text) for one in self.intent.accepts(as_asked(example.packet)))
        sure = not witnesses.passes(example) and example.walk.end is not End.UNKNOWN
        sentence = "it is not let through, and the home file accepts it"
        return Difference(
            Kind.LESS, sentence, example.packet, example.walk.decided, asking, example.sent_to, certain=sure
        )


def as_asked(packet: Packet) -> Packet:
    """A redirected question as intent tells it, with the port that was asked."""
    if packet.translated and packet.egress == Place.ROUTER:
        return replace(packet, destination_port=DNS)
    return packet
