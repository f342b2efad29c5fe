"""Layer 2: what is sent at an end of a zone is heard at every other end of that zone, and nowhere else.

Three things are shown of every wiring, frame by frame, and each failure names the ports that the frame passes:

- whatever is attached to an end (a guest, a host, whoever is plugged in) is heard with every tag that it may send by
  nobody outside the zone that the end is of;
- within a zone everybody hears everybody, or, where the zone is isolated, the router alone;
- a cable carries what the home file has on it, and whatever else comes along it is heard by nobody.

That the ends are all that there is to look at follows from the walk: a frame is followed through every device, and who
hears it on the way is an end or is none of the home's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bailiwick.dataplane.segments import Flood, Heard, Port, Tags
from bailiwick.intent.segments import belongings
from bailiwick.network.model import Network, Zone
from bailiwick.proof.difference import Difference, Kind, Meaning
from bailiwick.proof.hearing import Hearing, about, tagged, words_of
from bailiwick.proof.places import Places
from bailiwick.proof.switches import switches
from bailiwick.proof.wired import Machines, Plug, wired


def segments(network: Network, places: Places, machines: Machines) -> tuple[Difference, ...]:
    """``places`` are the router's. Nothing where the router is all that we configure: see ``wires``."""
    if not belongings(network):
        return ()
    site = wired(network, machines)
    found = _Segments(Hearing(network, places, machines, site)).differences()
    return tuple(dict.fromkeys((*switches(network, machines), *site.problems, *found)))


@dataclass(frozen=True, slots=True)
class _Sender:
    """``at`` is the port by which its frames come in, where it is nobody in particular."""

    name: str
    zone: str | None
    at: Port | None = None


@dataclass
class _Segments:
    hearing: Hearing
    told: set[tuple[str, ...]] = field(default_factory=set)

    def differences(self) -> Iterator[Difference]:
        for zone in self.hearing.network.zones.values():
            yield from self._joined(zone)
        for plug in self.hearing.site.plugs:
            yield from self._apart(plug)
        yield from self._cables()
        yield from self._beside()

    # ---- who should hear

    def _joined(self, zone: Zone) -> Iterator[Difference]:
        hearing = self.hearing
        gate = next((at for at, name in hearing.routed.items() if name == zone.name), None)
        if gate is None:
            return  # ``places`` says so
        down = hearing.segments.flood(*gate)
        for heard in hearing.stray(down, zone.name):
            if heard.at != gate:
                yield from self._leak(_Sender("the router", zone.name), (), (down, heard), (about(zone),))
        ends = list(hearing.ends(zone))
        floods = {(at, tags): hearing.segments.flood(*at, tags) for at, tags, _ in ends}
        linked = []
        for at, tags, meant in ends:
            name = words_of(*at)
            if Heard(*at, tags) not in down.heard:
                yield self._unheard(zone, name, "the router", meant)
            elif Heard(*gate, ()) not in floods[at, tags].heard:
                yield self._unheard(zone, "the router", name, meant)
            else:
                linked.append((at, tags, meant))
        for at, tags, meant in linked if not zone.isolate else ():
            for other, others, _ in linked:
                if other != at and Heard(*other, others) not in floods[at, tags].heard:
                    yield self._unheard(zone, words_of(*other), words_of(*at), meant)

    def _unheard(self, zone: Zone, listener: str, sender: str, meant: tuple[Meaning, ...]) -> Difference:
        sentence = f"{listener} does not hear what {sender} sends in zone {zone.name}"
        missing = self.hearing.without(zone)
        if missing is None:
            return Difference(Kind.WIRE, sentence, meant=meant)
        port, one = missing
        sentence += f": {words_of(*port)} does not carry it as it should"
        return Difference(Kind.WIRE, sentence, line=one.vlan_line or one.line, meant=meant)

    # ---- who should not

    def _apart(self, plug: Plug) -> Iterator[Difference]:
        """Nobody outside its zone hears a plug, whatever tags it puts on its frames."""
        for tags, flood in self._tried(plug):
            zone = self.hearing.sent(plug.carried, tags)
            for heard in self.hearing.stray(flood, zone):
                if heard.at != plug.at:
                    yield from self._leak(_Sender(plug.name, zone), tags, (flood, heard), plug.meant)
            for heard in flood.heard if plug.isolated and zone is not None else ():
                other = self.hearing.plugs.get(heard.at)
                if other is None or other == plug or self.hearing.zone_of(heard) != zone:
                    continue
                if self._first("isolated", *sorted((plug.name, other.name))):
                    way = self.hearing.way(flood, heard)
                    sentence = f"{other.name} hears what {plug.name} sends, and {zone} keeps its clients apart: {way}"
                    line = self.hearing.line(flood, heard)
                    yield Difference(Kind.WIRE, sentence, line=line, meant=plug.meant)

    def _tried(self, plug: Plug) -> Iterator[tuple[Tags, Flood]]:
        """Without a tag, with each, and with two where the first is taken off on the way."""
        flooding = self.hearing.segments
        yield (), flooding.flood(*plug.at)
        for vlan in self.hearing.vlans:
            flood = flooding.flood(*plug.at, (vlan,))
            yield (vlan,), flood
            if any(not frame.tags for frame in flood.came):
                for inner in self.hearing.vlans:
                    yield (vlan, inner), flooding.flood(*plug.at, (vlan, inner))

    def _leak(
        self, sender: _Sender, tags: Tags, found: tuple[Flood, Heard], meant: tuple[Meaning, ...]
    ) -> Iterator[Difference]:
        (flood, heard), zone = found, sender.zone
        plug = self.hearing.plugs.get(heard.at)
        where = self.hearing.zone_of(heard) or (plug.carried.get(()) if plug else None)
        line = self.hearing.line(flood, heard, sender.at)
        if not self._first("leak", zone or sender.name, where or words_of(*heard.at), str(line)):
            return
        self.told.add(("beside", zone or "", str(line)))
        sentence = (
            f"{words_of(*heard.at)}{f' (zone {where})' if where else ''} hears what "
            f"{sender.name}{f' (zone {zone})' if zone else ''} sends{tagged(tags)}: {self.hearing.way(flood, heard)}"
        )
        yield Difference(Kind.WIRE, sentence, line=line, meant=meant)

    def _first(self, *what: str) -> bool:
        """Of all that one written line lets pass between two zones, one frame is told of."""
        new = what not in self.told
        self.told.add(what)
        return new

    # ---- cables

    def _cables(self) -> Iterator[Difference]:
        """What comes along a cable between machines is heard in the zone that it is meant for, whoever sends it."""
        hearing = self.hearing
        for link in hearing.site.wiring.links:
            if link.a in hearing.plugs or link.b in hearing.plugs:
                continue
            for name, port in (link.a, link.b):
                if name not in hearing.network.switches or name not in hearing.machines.devices:
                    continue
                meant, span = hearing.site.carried.get((name, port), {}), hearing.site.spans.get((name, port))
                lines = (Meaning(span, f"port {name}/{port}"),) if span else ()
                for tags in ((), *((vlan,) for vlan in hearing.vlans)):
                    flood = hearing.segments.arriving(name, port, tags)
                    zone = hearing.sent(meant, tags)
                    for heard in hearing.stray(flood, zone):
                        sender = _Sender(f"the cable at {name}/{port}", zone, (name, port))
                        yield from self._leak(sender, tags, (flood, heard), lines)

    def _beside(self) -> Iterator[Difference]:
        """A zone's frames on a cable that is not to carry them, or not so."""
        hearing = self.hearing
        for at, zone in hearing.routed.items():
            for frame in hearing.segments.flood(*at).came:
                port = (frame.device, frame.port)
                meant = hearing.site.carried.get(port)
                if meant is None or frame.device not in hearing.network.switches or meant.get(frame.tags) == zone:
                    continue
                line = hearing.wrong(port) or hearing.line_of(frame)
                if self._first("beside", zone, str(line)):
                    kind = tagged(frame.tags) or " without a tag"
                    sentence = f"{words_of(*port)} sends frames of zone {zone}{kind}, which it is not to carry so"
                    span = hearing.site.spans.get(port)
                    lines = (Meaning(span, f"port {words_of(*port)}"),) if span else ()
                    yield Difference(Kind.WIRE, sentence, line=line, meant=lines)
