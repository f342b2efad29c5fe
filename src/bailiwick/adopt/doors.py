"""Destination translations of a device: which are forwards, which send DNS to the router, and which are neither."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from bailiwick.adopt.accepted import Filter
from bailiwick.adopt.facts import Left
from bailiwick.adopt.layout import Layout, UplinkDraft
from bailiwick.adopt.nouns import Nouns
from bailiwick.adopt.services import ports_words
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.rules import Among, OnInterface, Rule, Translate
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import TCP, UDP

_DNS = IntervalSet.single(53)


@dataclass(frozen=True, slots=True)
class ForwardDraft:
    """``port`` only where it is another one at the host; ``sources`` none: everybody."""

    name: str
    service: str
    host: str
    port: str = ""
    sources: tuple[str, ...] = ()
    uplink: str = ""
    comment: str = ""


@dataclass
class Doors:
    """``forced`` are the zones whose DNS queries go to the router."""

    forwards: list[ForwardDraft] = field(default_factory=list)
    forced: list[str] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def doors(device: Device, layout: Layout, filter_: Filter, nouns: Nouns) -> Doors:
    """A translation becomes a forward as far as the filter lets it through; a closed one is left over."""
    found = Doors()
    finding = _Finding(layout, filter_, nouns, found)
    for rule in _translations(device):
        finding.take(rule)
    return found


def _translations(device: Device) -> Iterator[Rule]:
    for table in device.tables:
        if table.family in ("ip", "inet"):
            for chain in table.chains.values():
                if chain.hook is None or chain.hook.name == "prerouting":
                    yield from (rule for rule in chain.rules if _translation(rule) is not None)


def _translation(rule: Rule) -> Translate | None:
    last = rule.steps[-1] if rule.steps else None
    return last if isinstance(last, Translate) and last.kind in ("dnat", "redirect") else None


@dataclass(frozen=True, slots=True)
class _Door:
    """The ports ``outside`` lead to as many at the host, from ``first`` on."""

    rule: Rule
    host: str
    address: int
    outside: tuple[int, int]
    first: int

    @property
    def arriving(self) -> IntervalSet:
        return IntervalSet.span(self.first, self.first + self.outside[1] - self.outside[0])


class _Finding:
    def __init__(self, layout: Layout, filter_: Filter, nouns: Nouns, found: Doors) -> None:
        self.layout, self.filter, self.nouns, self.found = layout, filter_, nouns, found

    def take(self, rule: Rule) -> None:
        translate = _translation(rule)
        assert translate is not None
        ports, protocols = self._ports(rule)
        if ports is None or not protocols or translate.keys or len(ports.spans) != 1:
            self._leave(rule, "a forward names one stretch of TCP or UDP ports")
            return
        if self._is_forced_dns(rule, translate, ports):
            return
        target = translate.target
        if (
            translate.kind != "dnat"
            or not isinstance(target.first, IPv4Address)
            or target.last not in (None, target.first)
        ):
            self._leave(rule, "it leads to no one host")
            return
        low, high = ports.spans[0]
        first = target.ports[0] if target.ports else low
        if target.ports and target.ports[1] - target.ports[0] not in (0, high - low):
            self._leave(rule, "its ports are not moved one by one")
            return
        host = self.nouns.host(target.first, rule.remark)
        if host is None:
            self._leave(rule, f"{target.first} is in none of the zones")
            return
        self._forwards(_Door(rule, host, int(target.first), (low, high), first), protocols)

    def _forwards(self, door: _Door, protocols: list[int]) -> None:
        entering = _interfaces(door.rule)
        exits = [one for one in self.layout.exits if not entering or one.interface in entering]
        made = False
        for protocol in protocols:
            groups: dict[IntervalSet, list[UplinkDraft]] = {}
            for uplink in exits:
                sources = self.filter.through(uplink, door.address, protocol, door.arriving) & self.layout.internet
                if sources:
                    groups.setdefault(sources, []).append(uplink)
            for sources, uplinks in groups.items():
                self._forward(door, protocol, sources, uplinks)
                made = True
        if not made:
            self._leave(door.rule, "the filter lets nobody through here")

    def _forward(self, door: _Door, protocol: int, sources: IntervalSet, uplinks: list[UplinkDraft]) -> None:
        everyone = sources.covers(self.layout.internet)
        every = len(uplinks) == len(self.layout.exits)
        service = ports_words(protocol, IntervalSet.span(*door.outside))
        name = self.nouns.forward_name(door.rule.remark, f"{door.host}-{service.replace('/', '-')}")
        for number, uplink in enumerate(uplinks[:1] if every else uplinks):
            self.found.forwards.append(
                ForwardDraft(
                    name if number == 0 else self.nouns.forward_name(f"{name}-{uplink.name}"),
                    service,
                    door.host,
                    str(door.first) if door.first != door.outside[0] else "",
                    () if everyone else tuple(self.nouns.say(sources)),
                    "" if every else uplink.name,
                    door.rule.remark,
                )
            )

    def _is_forced_dns(self, rule: Rule, translate: Translate, ports: IntervalSet) -> bool:
        own = {zone.gateway.ip for zone in self.layout.zones}
        here = translate.kind == "redirect" or (translate.kind == "dnat" and translate.target.first in own)
        if not here or ports != _DNS:
            return False
        entering = _interfaces(rule)
        zones = [zone.name for zone in self.layout.zones if zone.interface in entering]
        if not zones:
            return False
        self.found.forced += [name for name in zones if name not in self.found.forced]
        return True

    @staticmethod
    def _ports(rule: Rule) -> tuple[IntervalSet | None, list[int]]:
        """Destination ports, and which of TCP and UDP; None where the rule names none."""
        ports, protocols = None, [TCP, UDP]
        for step in rule.steps:
            if isinstance(step, Among) and step.mask is None and not step.negated:
                if step.field == header.PROTOCOL:
                    protocols = [number for number in protocols if number in step.values]
                elif step.field == header.DESTINATION_PORT:
                    ports = step.values
        return ports, protocols

    def _leave(self, rule: Rule, why: str) -> None:
        self.found.left.append(Left("forward", rule.line.number, rule.line.text, why))


def _interfaces(rule: Rule) -> frozenset[str]:
    """Those that the rule names as its ingress; none: every one."""
    names: set[str] = set()
    for step in rule.steps:
        if isinstance(step, OnInterface) and step.side == header.IIF and not step.negated:
            names |= set(step.patterns)
    return frozenset(names)
