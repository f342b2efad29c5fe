"""What the proof's side predicts of each packet, from the files alone, beside what the twin saw of it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from ipaddress import IPv4Address

from bailiwick.dataplane.interpreter import Header, Interpreter, Walk
from bailiwick.dataplane.linux import read_tree
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.nft.places import scan
from bailiwick.intent import mean
from bailiwick.language import loads
from bailiwick.network.model import Place
from bailiwick.network.resolve import resolve
from bailiwick.packets.packet import TCP, Packet
from bailiwick.plan import make_plan
from bailiwick.plan.model import LinkKind
from bailiwick.proof.prove import prove
from bailiwick.targets import render
from bailiwick.twin import Fate, Observation, TwinOptions, TwinResult, try_network
from bailiwick.twin.layout import Line, lines_of
from bailiwick.twin.loaded.ruleset import parts
from tests.homes import generate_home
from tests.proof.mutations.boundary import STRANGER
from tests.proof.mutations.nft_loader import Loader
from tests.twin.homes import FIREWALL, Home

WALKED = 1200
"""Packets predicted of one home, beside all that differ from what was meant."""
SYN = 0x02
AWAY = re.compile(r"(\d+) packets of those who leave by ")


@dataclass(frozen=True, slots=True)
class Compared:
    """One home: what its file says, what was taken out of its ruleset, and where prediction and sight part."""

    files: Mapping[str, str]
    damage: str
    proven: bool
    result: TwinResult
    walked: int
    parted: tuple[str, ...]


def made_up(seed: int) -> tuple[Mapping[str, str], Home]:
    """A home of at most three zones, and its files as rendered."""
    files = generate_home(zones=1 + seed % 3, hosts=seed % 6, sentences=3 + seed % 7, seed=seed)
    network = resolve(loads(files), date(2026, 1, 1)).network
    plan = make_plan(network)
    return files, Home(network, mean(network), plan, render(plan)[0])


def damaged(one: Home, seed: int, loader: Loader) -> tuple[str, Home]:
    """The home with one rule or element taken out of its ruleset, such that nft still takes it."""
    text = one.tree.file(FIREWALL).text
    lines = text.splitlines(keepends=True)
    chance = random.Random(seed)
    blocks = [part.items for part in parts(text) if part.items and not part.name.endswith(".networks")]
    while blocks:
        items = chance.choice(blocks)
        blocks.remove(items)
        number, _ = chance.choice(items)
        shorter = "".join([*lines[: number - 1], *lines[number:]])
        if loader.load(shorter)[0] is not None:
            return lines[number - 1].strip(), one.changed(partial(_instead, shorter))
    raise AssertionError("nft refuses the ruleset without any one of its lines")


def _instead(new: str, _: str) -> str:
    return new


def device_of(one: Home, loader: Loader) -> Device:
    texts = {artifact.path: artifact.text for artifact in one.tree.artifacts}
    listing, said = loader.load(texts[FIREWALL])
    assert listing is not None, said
    return read_tree(texts, json.loads(listing), one.tree.device, (scan([(FIREWALL, texts[FIREWALL])]),))


class Predictor:
    """The files of one home, read back, and packets walked through them one by one."""

    def __init__(self, one: Home, device: Device) -> None:
        self._plan = one.plan
        self._lines: tuple[Line, ...] = lines_of(one.network, one.plan)
        self._leases = {
            line.interface: line.address.ip for line in self._lines if device.interfaces[line.interface].dynamic
        }
        self._walker = Interpreter(device, leases=dict(self._leases))
        self._interfaces = {i.place: i.name for i in one.plan.interfaces if i.place}
        self._places = {name: place for place, name in self._interfaces.items()}
        members = {name for interface in one.plan.interfaces for name in interface.members}
        self._unnamed = [
            i.name
            for i in one.plan.interfaces
            if i.place is None and i.kind in (LinkKind.ETHERNET, LinkKind.VLAN) and i.name not in members
        ]

    def knows(self, one: Observation) -> bool:
        """Whether the files say enough: not of a subnet that only a lease tells, but for the router's own address."""
        told = [line.address for line in self._lines if line.interface in self._leases]
        to = one.packet.destination
        return all(to == address.ip or to not in address.network for address in told)

    def fates(self, one: Observation) -> set[Fate]:
        """What can become of the packet. More than one only where it may have entered by several ports."""
        return {self._fate(one, walk) for walk in self._walks(one)}

    def _walks(self, one: Observation) -> Iterator[Walk]:
        packet = one.packet
        if packet.ingress == Place.ROUTER:
            bound = self._interfaces.get(packet.egress) if packet.egress.startswith("uplink:") else None
            yield from self._walker.outcomes(self._header(one, None), egress=bound).walks
            return
        entries = self._unnamed or [STRANGER] if packet.ingress == Place.UNKNOWN else [self._interfaces[packet.ingress]]
        for name in entries:
            yield from self._walker.outcomes(self._header(one, name)).walks

    def _header(self, one: Observation, iif: str | None) -> Header:
        packet = one.packet
        destination, port = packet.destination, packet.destination_port
        if one.sent_to:
            address, _, written = one.sent_to.partition(":")
            destination, port = IPv4Address(address), int(written or 0)
        owner = {address: name for name, address in self._leases.items()}
        return Header(
            packet.source,
            destination,
            iif,
            packet.protocol,
            packet.source_port,
            port,
            packet.icmp_type,
            tcp_flags=SYN if packet.protocol == TCP else 0,
            dynamic=owner.get(destination),
            dynamic_source=owner.get(packet.source),
        )

    def _fate(self, one: Observation, walk: Walk) -> Fate:
        if not walk.accepted:
            return Fate.DROPPED
        place = Place.ROUTER if walk.local else self._places.get(walk.egress or "", "")
        meant = one.packet
        same = place == Place.ROUTER or (
            walk.left.destination == meant.destination and walk.left.destination_port == meant.destination_port
        )
        hidden = meant.ingress == Place.ROUTER or walk.left.source == self._source(place, meant)
        return Fate.ARRIVED if place == meant.egress and same and hidden else Fate.STRAYED

    def _source(self, place: str, meant: Packet) -> IPv4Address:
        """Whom the target is to see, as ``twin.verdicts`` asks."""
        if place.startswith("uplink:"):
            return next(line.address.ip for line in self._lines if line.uplink == place)
        if place == meant.ingress and place in self._interfaces:
            address = self._plan.interface_of(place).address
            return address.ip if address else meant.source
        return meant.source


def _told(fate: Fate) -> Fate:
    """A refusal may go untold (icmp(7)), so that the two are one here."""
    return Fate.DROPPED if fate is Fate.REFUSED else fate


def parted(observations: Iterable[Observation], predictor: Predictor) -> Iterator[str]:
    for one in observations:
        fates = predictor.fates(one)
        if {_told(one.seen)} != {_told(fate) for fate in fates}:
            yield f"{one.packet} {one.sent_to}: predicted {', '.join(fates)}, seen {one.seen}: {one.detail}"


def _with_all_links(result: TwinResult) -> Sequence[Observation]:
    """Those sent while no exit was away: the last ones are counted by the checks that speak of them."""
    later = sum(int(told.group(1)) for check in result.checks if (told := AWAY.match(check.subject)))
    return result.observations[: len(result.observations) - later]


def _shut_tunnels(one: Home, result: TwinResult) -> set[str]:
    """Uplinks whose tunnel did not come as far as its provider: the router sends into it what is seen nowhere."""
    shut = {entry.subject for entry in result.loaded if entry.found is False}
    return {line.uplink for line in lines_of(one.network, one.plan) if f"tunnel {line.interface}" in shut}


def compare(seed: int, loader: Loader) -> Compared:
    """A whole trial. Every other home is damaged, so that the prediction is not what was meant."""
    files, one = made_up(seed)
    damage = ""
    if seed % 2:
        damage, one = damaged(one, seed, loader)
    device = device_of(one, loader)
    proven = prove(one.intent, device).holds
    result = try_network(one.network, one.intent, one.plan, one.tree, TwinOptions(patience=0.2))
    predictor = Predictor(one, device)
    heard = [seen for seen in _with_all_links(result) if seen.seen is not Fate.LOST and predictor.knows(seen)]
    shut = _shut_tunnels(one, result)
    heard = [seen for seen in heard if seen.packet.egress not in shut]
    chosen = {id(seen): seen for seen in (*heard[:: max(1, len(heard) // WALKED)], *(o for o in heard if o.differs))}
    found = tuple(parted(chosen.values(), predictor))
    return Compared(files, damage, proven, result, len(chosen), found)
