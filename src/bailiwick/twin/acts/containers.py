"""A container on a host of a zone: its packets are the host's, and the router treats them as the host's.

Docker hides what its containers send behind the host's address and leads a published port to them (``scene.docker``):
the router sees the host alone, and its policy holds for both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from bailiwick.claims.wording import place_words
from bailiwick.packets.packet import TCP
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.layout import ROUTER, Layout, Station
from bailiwick.twin.result import Check, Fate
from bailiwick.twin.scene.docker import PAGE, Container, container
from bailiwick.twin.scene.namespaces import batch
from bailiwick.twin.scene.wires import addressing
from bailiwick.twin.script import Probe
from bailiwick.twin.verdicts import source_expected
from bailiwick.twin.wire.conversations import Call, Exchange
from bailiwick.twin.wire.headers import Frame, Ip, parsed
from bailiwick.twin.wire.recorder import Recorded, Recorder

SHUT = (Fate.DROPPED, Fate.REFUSED)
POLICY = ":FORWARD DROP"
OPENING = "tcp SYN"
KEPT = "sent, and seen nowhere beyond the router"
PATIENCE, SILENCE = 20, 3
"""Times that of a packet: the most that an answer takes, and how long to wait for what must not come."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Where the container stands, and packets of the script from or to that ``address`` of its host: ``out`` arrives in
    another place and ``closed`` does not; ``asked`` comes in from another zone and ``denied`` does not. None where the
    script has no such packet."""

    host: Station
    address: IPv4Address
    out: Probe | None
    closed: Probe | None
    asked: Probe | None
    denied: Probe | None

    @property
    def name(self) -> str:
        return f"{self.host.name} behind {'/'.join(self.host.wired)}" if self.host.wired else self.host.name

    @property
    def parts(self) -> int:
        """How much of it there is; one port that is both asked and denied is something, too."""
        there = sum(one is not None for one in (self.out, self.closed, self.asked, self.denied))
        return there + bool(self.asked and self.denied and self.asked.port == self.denied.port)


def containers(stage: Stage) -> Iterator[Check]:
    """Out to where the host may, and to where it may not; in by a published port. Raises CommandFailed."""
    cast = cast_of(stage.script.probes, stage.layout)
    if cast is None:
        yield Check("a container", "", "not tried: no machine of a zone has a way in or out", None)
        return
    stage.exchange.close()  # it may hold the ports that Docker is to publish
    stage.exchange = Exchange()
    published = dict.fromkeys(probe.port for probe in (cast.asked, cast.denied) if probe)
    taken = [zone.subnet for zone in stage.network.zones.values()]
    taken += [line.address.network for line in stage.layout.lines]
    with _of_one_address(cast, stage.layout), container(cast.host.name, published, taken) as one:
        yield from _opens(stage, cast, one)
        yield from _published(stage, cast)
        rules = one.filter()
        holds = POLICY in rules
        yield Check(f"Docker's own rules on {cast.name}", POLICY, POLICY if holds else rules, holds)


@contextmanager
def _of_one_address(cast: Cast, layout: Layout) -> Iterator[None]:
    """What is hidden bears the first address of the interface by which it leaves. A machine of the stage has many: it
    has one alone while this is entered."""
    away = ["address flush dev eth0"]  # and with the last one every route by it
    kept = tuple(one for one in cast.host.addresses if one.ip == cast.address)
    batch([*away, *addressing(replace(cast.host, addresses=kept), layout)], cast.host.name)
    try:
        yield
    finally:
        batch([*away, *addressing(cast.host, layout)], cast.host.name)


def cast_of(probes: tuple[Probe, ...], layout: Layout) -> Cast | None:
    """The machine of a zone that has the most of it, and rather a guest; None where nobody sends any of it."""
    hosts = {held.ip: one for one in layout.stations if one.place.startswith("zone:") for held in one.addresses}
    odd = {address.network[0] for one in layout.stations for address in one.addresses}  # was everybody's (RFC 1122)
    plain = [
        probe
        for probe in probes
        if probe.packet.protocol == TCP
        and not probe.packet.translated
        and probe.port
        and probe.packet.ingress.startswith("zone:")
        and probe.packet.egress not in (probe.packet.ingress, ROUTER)
        and not odd & {probe.packet.source, probe.destination}
    ]
    casts = (_cast(host, address, plain, layout) for address, host in hosts.items() if address not in odd)
    best = max(casts, key=lambda one: (one.parts, bool(one.host.wired)), default=None)
    return best if best and best.parts else None


def _cast(host: Station, address: IPv4Address, plain: list[Probe], layout: Layout) -> Cast:
    sent = [one for one in plain if one.packet.source == address and one.packet.ingress == host.place]
    came = [one for one in plain if one.destination == address and _holder(one, layout)]

    def first(those: list[Probe], *fates: Fate) -> Probe | None:
        return next((one for one in those if one.expected in fates), None)

    shut = {one.port: one for one in reversed(came) if one.expected in SHUT}
    out = first([one for one in sent if _beyond_an_uplink(one) or _held(one, layout)], Fate.ARRIVED)
    closed = first([one for one in sent if _held(one, layout)], *SHUT)
    # The one port, open to some and closed to others, where there is such a one.
    asked = first([one for one in came if one.port in shut], Fate.ARRIVED) or first(came, Fate.ARRIVED)
    denied = (shut.get(asked.port) if asked else None) or first(came, *SHUT)
    return Cast(host, address, out, closed, asked, denied)


def _beyond_an_uplink(probe: Probe) -> bool:
    return probe.packet.egress.startswith("uplink:")


def _held(probe: Probe, layout: Layout) -> bool:
    """Whether somebody stands where it is sent to."""
    return any(probe.destination == address.ip for one in layout.at(probe.packet.egress) for address in one.addresses)


def _holder(probe: Probe, layout: Layout) -> str:
    """Who has the address that it is sent from; "" for nobody."""
    for one in layout.at(probe.packet.ingress):
        if any(address.ip == probe.packet.source for address in one.addresses):
            return one.name
    return ""


def _opens(stage: Stage, cast: Cast, one: Container) -> Iterator[Check]:
    """What the container opens."""
    who = f"a container on {cast.name} ({cast.address}) opens"
    if cast.out is None:
        yield Check(f"{who} something", "", "not tried: its host may open nothing", None)
    else:
        subject = f"{who} {cast.out.destination}:{cast.out.port} in {place_words(cast.out.packet.egress)}"
        yield _answered(stage, subject, one, cast.out)
        with one.unhidden():
            yield _kept(stage, f"{subject}, from an address of its own", _call(one, cast.out), cast.host, one.address)
    if cast.closed is None:
        yield Check(f"{who} something closed", "", "not tried: nothing is closed to its host", None)
    else:
        _listen(stage, cast.closed)
        subject = f"{who} {cast.closed.destination}:{cast.closed.port} in {place_words(cast.closed.packet.egress)}"
        yield _kept(stage, f"{subject}, closed", _call(one, cast.closed), cast.host, cast.address)


def _call(one: Container, probe: Probe) -> Call:
    return Call(one.namespace, one.address, probe.destination, TCP, probe.port)


def _listen(stage: Stage, probe: Probe) -> None:
    for station in stage.layout.at(probe.packet.egress):
        stage.exchange.listen(station.name, TCP, probe.port)


def _answered(stage: Stage, subject: str, one: Container, probe: Probe) -> Check:
    _listen(stage, probe)
    place = probe.packet.egress
    wanted = f"answered by {place}, which sees {source_expected(probe, place, stage.layout)}"
    (said,) = stage.exchange.call((_call(one, probe),), PATIENCE * stage.patience)
    answer = said.decode(errors="replace") if said else "nothing"
    station, _, peer = answer.partition(" ")
    places = {other.name: other.place for other in stage.layout.stations}
    seen = f"answered by {places[station]}, which sees {peer}" if station in places else answer
    return Check(subject, wanted, seen, seen == wanted)


def _kept(stage: Stage, subject: str, call: Call, sender: Station, source: IPv4Address) -> Check:
    """``sender`` is whose card the call leaves by, from ``source``: it must be seen there, and by nobody further on."""
    with Recorder(stage.layout) as recorder:
        (said,) = stage.exchange.call((call,), SILENCE * stage.patience)
        passed = [(frame, what) for frame in recorder.frames() if (what := _opening(frame, call))]
    # A wire that many share shows a frame to everybody on it.
    near = {station.name for station in stage.layout.at(sender.place)}
    sent = any(frame.machine == sender.name and frame.leaving and what.source == source for frame, what in passed)
    beyond = {frame.machine for frame, _ in passed if frame.leaving or frame.machine != ROUTER} - near
    seen = KEPT if sent and not beyond else f"seen at {', '.join(sorted(beyond))}" if beyond else "not sent"
    answered = said is not None and not said.startswith(b"error")
    if answered and said is not None:
        seen = f"answered {said.decode(errors='replace')}, {seen}"
    return Check(subject, KEPT, seen, None if seen == "not sent" else seen == KEPT)


def _opening(frame: Recorded, call: Call) -> Ip | None:
    """One that opens a connection to that address and port, whoever it now seems to be from: what comes of an earlier
    call that was answered is none."""
    said = parsed(Frame(frame.at / 1e9, frame.link, frame.data))
    if not isinstance(said, Ip) or said.what != OPENING:
        return None
    return said if (said.destination, said.port) == (call.destination, call.port) else None


def _published(stage: Stage, cast: Cast) -> Iterator[Check]:
    """Asked by who stands where the packet of the script came from. Who is answered comes last: who is not asks on."""
    where = f"the published port of a container on {cast.name}"
    stations = {station.name: station for station in stage.layout.stations}
    if cast.denied is None:
        yield Check(where, "", "not tried: nobody is kept from its host", None)
    else:
        caller = _holder(cast.denied, stage.layout)
        call = Call(caller, cast.denied.packet.source, cast.denied.destination, TCP, cast.denied.port)
        subject = f"{where}, {call.port}, asked by {caller}, closed"
        yield _kept(stage, subject, call, stations[caller], call.source)
    if cast.asked is None:
        yield Check(where, "", "not tried: its host may be asked nothing by anybody in another zone", None)
    else:
        caller = _holder(cast.asked, stage.layout)
        call = Call(caller, cast.asked.packet.source, cast.asked.destination, TCP, cast.asked.port)
        (said,) = stage.exchange.call((call,), PATIENCE * stage.patience)
        seen = said.decode(errors="replace") if said else "nothing"
        yield Check(f"{where}, {call.port}, asked by {caller}", PAGE.decode(), seen, said == PAGE)
