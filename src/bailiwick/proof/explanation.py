"""The way of one packet, step by step, to the line that decided: by the rules as written, in the home file's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bailiwick.claims.wording import place_words
from bailiwick.dataplane.interpreter import End, Header, Interpreter, Walk
from bailiwick.dataplane.tally import Line
from bailiwick.intent import Intent
from bailiwick.network.model import Permission, Place
from bailiwick.packets.packet import TCP, UDP, Packet
from bailiwick.packets.space import PacketSet
from bailiwick.proof.aim import SYMBOL, Aims
from bailiwick.proof.difference import Meaning

_USUAL = {TCP: 0, UDP: 1}


@dataclass(frozen=True, slots=True)
class Station:
    """One rule that the packet met and that did something, or the policy of a chain."""

    where: str
    """``prerouting``, ``forward``… and the chain within it."""
    deed: str
    line: Line | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """``meant`` are the lines that accept it; where it is dropped, ``forbidden`` those that no sentence can undo.

    ``remedy`` is the sentence that would allow it, "" where none can. ``packet`` is it as the filter sees it,
    ``header`` as it comes.
    """

    packet: Packet
    header: Header
    walk: Walk
    stations: tuple[Station, ...]
    meant: tuple[Meaning, ...]
    forbidden: tuple[Meaning, ...]
    remedy: str = ""

    @property
    def passes(self) -> bool:
        return self.walk.accepted


def explain(
    intent: Intent, aims: Aims, interpreter: Interpreter, asked: Permission, packets: PacketSet
) -> Iterator[Explanation]:
    """One packet that passes and one that does not, as far as the question holds both."""
    meant = PacketSet.union(one.packets for one in intent.meant) & packets
    forged = [one for one in intent.hygiene if one.packets & packets]
    passing = meant
    for one in forged:
        passing -= one.packets
    dropped = packets - PacketSet.union(one.packets for one in intent.meant)
    honest = dropped
    for one in forged:
        honest -= one.packets
    barred = meant - passing
    for some in (passing, honest or (dropped or barred if not passing else honest)):
        if some:
            yield _explain(intent, aims, interpreter, asked, usual(intent, some))


def usual(intent: Intent, packets: PacketSet) -> Packet:
    """One of them, TCP before UDP before the rest. Raises ValueError when there is none."""
    samples = [PacketSet([cube]).sample(intent.hosts) for cube in packets.cubes()]
    return min(samples, key=lambda one: _USUAL.get(one.protocol, len(_USUAL)))


def _explain(intent: Intent, aims: Aims, interpreter: Interpreter, asked: Permission, packet: Packet) -> Explanation:
    followed = follow(intent, aims, interpreter, packet)
    if followed.passes or followed.forbidden:
        return followed
    return replace(followed, remedy=_remedy(intent, asked, followed.packet))


def follow(intent: Intent, aims: Aims, interpreter: Interpreter, packet: Packet) -> Explanation:
    """One packet's way, whoever asks."""
    packet = _for_the_router(intent, packet)
    header = aims.header(packet)
    walk = interpreter.walk(header)
    return Explanation(
        packet=packet,
        header=header,
        walk=walk,
        stations=tuple(_stations(walk)),
        meant=tuple(Meaning(one.span, one.text) for one in intent.accepts(packet)),
        forbidden=tuple(Meaning(one.span, one.text) for one in intent.forbids(packet)),
    )


def _for_the_router(intent: Intent, packet: Packet) -> Packet:
    """To, or from, an address that it has: the gateway of the other side's zone, or that of the uplink."""
    if packet.ingress == Place.ROUTER:
        there = next((zone for zone in intent.network.zones.values() if zone.id == packet.egress), None)
        return replace(packet, source=there.gateway if there else SYMBOL)
    if packet.egress != Place.ROUTER or packet.translated:
        return packet
    zone = next((zone for zone in intent.network.zones.values() if zone.id == packet.ingress), None)
    return replace(packet, destination=zone.gateway if zone else SYMBOL)


def _stations(walk: Walk) -> Iterator[Station]:
    for step in walk.steps:
        if not step.matched or step.deed == "goes on" or (step.rule is None and step != walk.by):
            continue
        where = step.hook if step.chain == step.hook else f"{step.hook}, chain {step.chain}"
        yield Station(where, step.deed, step.line)
    if walk.end is End.UNROUTABLE:
        yield Station("routing", walk.reason or "no route leads there", walk.decided)
    elif walk.local:
        yield Station("routing", "the router itself takes it", None)
    elif walk.egress:
        yield Station("routing", f"it leaves by {walk.egress}", None)


def _remedy(intent: Intent, asked: Permission, packet: Packet) -> str:
    """In the words of the question, where a sentence may say them."""
    source, _, rest = asked.text.partition("->")
    target, _, services = rest.rpartition(":")
    beyond = packet.ingress.startswith("uplink:") or packet.ingress == Place.UNKNOWN
    if beyond and packet.egress != Place.ROUTER:
        host = target if target in intent.network.hosts else "HOST"
        return f"NAME: {{service: {services}, to: {host}}}"
    if packet.ingress == Place.ROUTER:
        return ""
    return f"- {source.replace(',', ', ')} -> {target.replace(',', ', ')}: {services.replace(',', ', ')}"


def decided_words(explanation: Explanation) -> str:
    """One sentence: what becomes of it, and why."""
    packet = explanation.packet
    ways = f"{place_words(packet.ingress)} to {place_words(packet.egress)}"
    if explanation.passes:
        return f"It passes from {ways}."
    verb = {End.DROP: "dropped", End.REJECT: "refused with an answer", End.UNROUTABLE: "not routed"}.get(
        explanation.walk.end, "perhaps dropped"
    )
    return f"It is {verb}, from {ways}."
