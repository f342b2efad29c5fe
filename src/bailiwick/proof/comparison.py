"""What a change newly allows and newly denies: two routers' rules as sets of packets between the same places.

The text may differ in every line: nothing is found when nothing changed in meaning. Places are compared by their
names, so an interface may be called otherwise on the two sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bailiwick.dataplane.interpreter import End, Header, Interpreter
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.symbolic.delivery import Deliveries
from bailiwick.dataplane.symbolic.interfaces import Interfaces
from bailiwick.dataplane.symbolic.pipeline import Pipeline
from bailiwick.dataplane.tally import Line
from bailiwick.intent import Intent
from bailiwick.packets import engine, header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import Packet
from bailiwick.packets.region import Region, Space
from bailiwick.packets.space import PacketSet
from bailiwick.proof.difference import Meaning
from bailiwick.proof.places import Places
from bailiwick.proof.spoken import spoken
from bailiwick.proof.universe import Universe
from bailiwick.proof.witness import Witnesses

LINES = 6
"""Lines of words for one pair of places."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. ``intent`` is None for a configuration that has no home file."""

    device: Device
    places: Places
    intent: Intent | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Packets between two places whose fate changed. ``words`` say which, ``packet`` is one of them.

    ``before`` and ``after`` are the written lines that decide over it on either side, ``meant`` the lines of the home
    file that let it pass on the side where it passes.
    """

    ingress: str
    egress: str
    words: tuple[str, ...]
    packet: Packet
    before: Line | None
    after: Line | None
    meant: tuple[Meaning, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    allowed: tuple[Change, ...]
    denied: tuple[Change, ...]

    @property
    def same(self) -> bool:
        return not self.allowed and not self.denied


@dataclass(frozen=True, slots=True)
class _Read:
    side: Side
    universe: Universe
    passing: Region
    """In its own interfaces' numbers."""
    between: Region
    """The same by places, changing addresses too."""
    symbols: Mapping[int, int]


def compare(
    old: Side, new: Side, pure: bool = False, among: PacketSet | None = None, besides: PacketSet | None = None
) -> Comparison:
    """Of every packet, or of those ``among`` a set and not ``besides`` one, which speak of places that both sides have.

    Raises TooMany where the two have more interfaces than can be told apart.
    """
    also = {*old.places.by_interface, *new.places.by_interface}
    interfaces = Interfaces.of(old.device, new.device, also=also)
    space = engine.space(header.widths(4), pure)
    universes = [Universe(Pipeline(s.device, 4, interfaces, space), s.places, _hosts(s)) for s in (old, new)]
    names = sorted({name for universe in universes for name in universe.numbers})
    numbers = {name: number for number, name in enumerate(names)}
    symbols = symbols_of(interfaces, (old.places, new.places))
    before, after = (
        _read(side, universe, numbers, symbols, (among, besides))
        for side, universe in zip((old, new), universes, strict=True)
    )
    allowed = tuple(_changes(after.between - before.between, before, after, numbers, passes=after))
    denied = tuple(_changes(before.between - after.between, before, after, numbers, passes=before))
    return Comparison(allowed, denied)


def _hosts(side: Side) -> IntervalSet:
    return side.intent.hosts if side.intent else IntervalSet()


def _read(
    side: Side,
    universe: Universe,
    numbers: Mapping[str, int],
    symbols: Mapping[int, int],
    bounds: tuple[PacketSet | None, PacketSet | None],
) -> _Read:
    space = universe.space
    deliveries = Deliveries(universe.pipeline)
    both = (deliveries.foreign.filter.possible, deliveries.own.filter.possible)
    # Of changing addresses this device has its own alone: the other's would pass here as anybody's.
    changing = universe.pipeline.interfaces.dynamic
    own = [0, *(changing[one.name] for one in side.device.interfaces.values() if one.dynamic)]
    lasting = space.among(header.DYNAMIC, IntervalSet.of((number, number) for number in own))
    passing = space.union(both) & universe.possible & lasting
    among, besides = bounds
    if among is not None:
        passing = passing & universe.region(among)
    if besides is not None:
        passing = passing - universe.region(besides)
    # A changing address is a symbol of one device: for a comparison it is "an address of the router's".
    parts = []
    for place, entering in universe.numbers.items():
        for target, leaving in universe.numbers.items():
            piece = passing & space.box({header.IIF: entering, header.OIF: leaving})
            if piece:
                sides = {
                    header.IIF: IntervalSet.single(numbers[place]),
                    header.OIF: IntervalSet.single(numbers[target]),
                }
                parts.append(piece.without(header.IIF, header.OIF) & space.box(sides))
    moved = [renumbered(space.union(parts), number, to, space) for number, to in symbols.items()]
    return _Read(side, universe, passing, space.union(moved), symbols)


def symbols_of(interfaces: Interfaces, sides: Iterable[Places]) -> dict[int, int]:
    """Each changing address to one number for its place: an uplink's interface may be called otherwise over there."""
    found, first = {0: 0}, dict[str, int]()
    places = {name: place for side in sides for name, place in side.by_interface.items()}
    for name, number in sorted(interfaces.dynamic.items()):
        found[number] = first.setdefault(places.get(name, f"interface {name}"), number)
    return found


def renumbered(region: Region, number: int, to: int, space: Space) -> Region:
    """The packets with one changing address, as those with another."""
    return region.given(header.DYNAMIC, number) & space.among(header.DYNAMIC, IntervalSet.single(to))


def _changes(
    changed: Region, before: _Read, after: _Read, numbers: Mapping[str, int], passes: _Read
) -> Iterator[Change]:
    space = passes.universe.space
    for ingress, entering in numbers.items():
        for egress, leaving in numbers.items():
            sides = {header.IIF: IntervalSet.single(entering), header.OIF: IntervalSet.single(leaving)}
            region = changed & space.box(sides)
            if not region:
                continue
            own = space.union(renumbered(region, to, number, space) for number, to in passes.symbols.items())
            own = own.without(header.IIF, header.OIF) & space.box(
                {header.IIF: passes.universe.numbers[ingress], header.OIF: passes.universe.numbers[egress]}
            )
            example = Witnesses(passes.universe).example(own & passes.passing)
            meant = passes.side.intent.accepts(example.packet) if passes.side.intent else ()
            yield Change(
                ingress,
                egress,
                spoken(passes.universe, region, ingress, egress, LINES),
                example.packet,
                _decided(before, ingress, egress, example.sent),
                _decided(after, ingress, egress, example.sent),
                tuple(Meaning(one.span, one.text) for one in meant),
            )


def _decided(read: _Read, ingress: str, egress: str, sent: Header) -> Line | None:
    """The line that decides there, over the packet as it comes by that side's own interface; None where that hangs on
    something that nobody here knows: the last line seen did not decide."""
    device, places = read.side.device, read.side.places
    names = places.interfaces(ingress)
    if sent.iif is not None and names:
        sent = replace(sent, iif=names[0])
    if sent.dynamic is not None and sent.dynamic not in device.interfaces:
        sent = replace(sent, dynamic=None)
    # Where nothing tells the routes, it leaves by where it is said to leave.
    out = None if device.routing.known else next(iter(places.interfaces(egress)), None)
    walk = Interpreter(device).walk(sent, egress=out)
    return None if walk.end is End.UNKNOWN else walk.decided
