"""Destination translations of a device: which are forwards, which send DNS to the router, and which are neither."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address

from bailiwick.adopt.accepted import Filter
from bailiwick.adopt.facts import Left
from bailiwick.adopt.layout import Layout, UplinkDraft
from bailiwick.adopt.nouns import Nouns
from bailiwick.adopt.services import ports_words
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.rules import Among, Lookup, OnInterface, Rule, Target, Translate
from bailiwick.packets import header
from bailiwick.packets.interval import EVERY_ADDRESS, EVERY_PORT, IntervalSet
from bailiwick.packets.packet import TCP, UDP

_DNS = IntervalSet.single(53)
_MOST = 1 << 31


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
    """``forced`` are the zones whose DNS queries go to the home's resolver: the host ``resolver``, else the router."""

    forwards: list[ForwardDraft] = field(default_factory=list)
    forced: list[str] = field(default_factory=list)
    resolver: str = ""
    left: list[Left] = field(default_factory=list)


def doors(device: Device, layout: Layout, filter_: Filter, nouns: Nouns) -> Doors:
    """A translation becomes a forward as far as the filter lets it through; a closed one is left over."""
    found = Doors()
    finding = _Finding(layout, filter_, nouns, found)
    for rule in _translations(device):
        finding.take(rule)
    finding.close()
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
class _Part:
    """Ports of one or two protocols, and where a translation takes them."""

    protocols: tuple[int, ...]
    ports: IntervalSet
    target: Target


def _parts(rule: Rule, translate: Translate) -> Iterator[_Part]:
    """One for a plain rule, one for each entry of a map; none where no ports are named."""
    protocols = _values(rule, header.PROTOCOL) or IntervalSet.of([(TCP, TCP), (UDP, UDP)])
    ports = _values(rule, header.DESTINATION_PORT)
    fields = [key.field for key in translate.keys]
    if any(key.mask is not None for key in translate.keys) or set(fields) - {header.PROTOCOL, header.DESTINATION_PORT}:
        return
    for sides, target in translate.entries if translate.keys else (((), translate.target),):
        numbers = {field: side for field, side in zip(fields, sides, strict=True) if isinstance(side, IntervalSet)}
        asked = protocols & numbers.get(header.PROTOCOL, protocols)
        here = numbers.get(header.DESTINATION_PORT, ports)
        known = tuple(number for number in (TCP, UDP) if number in asked)
        if here is not None and known:
            yield _Part(known, here if ports is None else here & ports, target)


def _in_a_row(parts: Iterable[_Part]) -> list[_Part]:
    """Single ports that lead to ports in the same row, as one stretch."""
    found: list[_Part] = []
    for part in sorted(parts, key=lambda one: (one.protocols, str(one.target.first), one.ports.spans)):
        held = found[-1] if found else part
        low, high = held.ports.spans[-1]
        onwards = held.target.ports and part.target.ports == (held.target.ports[1] + 1,) * 2
        alike = (held.protocols, held.target.first) == (part.protocols, part.target.first)
        even = held.target.ports and held.target.ports[1] - held.target.ports[0] == high - low
        if alike and onwards and even and part.ports.spans == ((high + 1, high + 1),) and held.target.ports:
            target = replace(held.target, ports=(held.target.ports[0], held.target.ports[1] + 1))
            found[-1] = replace(held, ports=IntervalSet.span(low, high + 1), target=target)
        else:
            found.append(part)
    return found


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
        self._inside: list[tuple[_Door, int]] = []
        """Doors that only those inside may take, with their protocols."""
        self._ports: list[tuple[str, int, tuple[int, int]]] = []
        self._made: set[tuple[int, int, tuple[int, int], int]] = set()

    def close(self) -> None:
        """A forward has its hairpins with it; what leads elsewhere is left over."""
        for door, protocol in self._inside:
            if (door.address, protocol, door.outside, door.first) not in self._made:
                self._leave(door.rule, "a forward is taken from an uplink, and this one only from inside")

    def take(self, rule: Rule) -> None:
        translate = _translation(rule)
        assert translate is not None
        parts = _in_a_row(_parts(rule, translate))
        if not parts:
            self._leave(rule, "a forward names ports of TCP or UDP")
        why = dict.fromkeys(self._part(rule, translate, part) for part in parts)
        for one in filter(None, why):
            self._leave(rule, one)

    def _part(self, rule: Rule, translate: Translate, part: _Part) -> str:
        """Takes one part of a translation in; why it cannot be, else."""
        if self._is_forced_dns(rule, translate, part):
            return ""
        target = part.target
        if translate.kind != "dnat" or not isinstance(target.first, IPv4Address):
            return "it leads to no one host"
        if target.last not in (None, target.first):
            return "it leads to no one host"
        if len(part.ports.spans) > 1 and target.ports:
            return "its ports are not moved one by one"
        host = self.nouns.host(target.first, rule.remark)
        if host is None:
            return f"{target.first} is in none of the zones"
        why = []
        for low, high in part.ports.spans:
            first = target.ports[0] if target.ports else low
            if target.ports and target.ports[1] - target.ports[0] not in (0, high - low):
                return "its ports are not moved one by one"
            why.append(self._forwards(_Door(rule, host, int(target.first), (low, high), first), part.protocols))
        return next(filter(None, why), "")

    def _forwards(self, door: _Door, protocols: Iterable[int]) -> str:
        entering, meant = _interfaces(door.rule), _destinations(door.rule)
        exits = [
            one
            for one in self.layout.exits
            if (not entering or one.interface in entering) and (meant is None or _is_own(one, meant))
        ]
        if entering and entering <= {zone.interface for zone in self.layout.zones}:
            self._inside += [(door, protocol) for protocol in protocols]
            return ""
        if not exits:
            return "it is for another address than the uplink's"
        made = False
        for protocol in protocols:
            groups: dict[IntervalSet, list[UplinkDraft]] = {}
            for uplink in exits:
                if self._is_taken(uplink, protocol, door.outside):
                    return "an earlier door takes these ports"
                sources = self.filter.through(uplink, door.address, protocol, door.arriving) & self.layout.internet
                if sources:
                    groups.setdefault(sources, []).append(uplink)
            for sources, uplinks in groups.items():
                self._forward(door, protocol, sources, uplinks)
                self._ports += [(uplink.name, protocol, door.outside) for uplink in uplinks]
                self._made.add((door.address, protocol, door.outside, door.first))
                made = True
        return "" if made else "the filter lets nobody through here"

    def _is_taken(self, uplink: UplinkDraft, protocol: int, outside: tuple[int, int]) -> bool:
        return any(
            (name, number) == (uplink.name, protocol) and span[0] <= outside[1] and outside[0] <= span[1]
            for name, number, span in self._ports
        )

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

    def _is_forced_dns(self, rule: Rule, translate: Translate, part: _Part) -> bool:
        """Every DNS query of whole zones, to the router or to one host for all of them."""
        own = {zone.gateway.ip for zone in self.layout.zones}
        entering, sources = _interfaces(rule), _values(rule, header.SOURCE)
        zones = [
            zone.name
            for zone in self.layout.zones
            if zone.interface in entering and (sources is None or sources.covers(zone.members))
        ]
        if part.ports != _DNS or len(zones) < len(entering) or not zones:
            return False
        host = ""
        if translate.kind == "dnat" and part.target.first not in own:
            target = part.target.first
            host = (self.nouns.host(target) or "") if isinstance(target, IPv4Address) else ""
            if not host or self.found.resolver not in ("", host) or (self.found.forced and not self.found.resolver):
                return False
        elif self.found.resolver:
            return False
        self.found.resolver = host
        self.found.forced += [name for name in zones if name not in self.found.forced]
        return True

    def _leave(self, rule: Rule, why: str) -> None:
        self.found.left.append(Left("forward", rule.line.number, rule.line.text, why))


def _is_own(uplink: UplinkDraft, meant: IntervalSet) -> bool:
    """Whether the uplink's address is meant: one that changes is only where nearly every address is."""
    return int(uplink.address.ip) in meant if uplink.address else meant.size() > _MOST


def _destinations(rule: Rule) -> IntervalSet | None:
    """The addresses that a rule is for; None: it does not say."""
    found = _values(rule, header.DESTINATION)
    for step in rule.steps:
        if isinstance(step, Lookup) and [key.field for key in step.keys] == [header.DESTINATION]:
            those = IntervalSet.union(side for (side,) in step.entries if isinstance(side, IntervalSet))
            those = EVERY_ADDRESS - those if step.negated else those
            found = those if found is None else found & those
    return found


def _values(rule: Rule, field: str) -> IntervalSet | None:
    """What a rule asks of a field; None: nothing."""
    found: IntervalSet | None = None
    for step in rule.steps:
        if isinstance(step, Among) and step.field == field and step.mask is None:
            every = EVERY_ADDRESS if field in (header.SOURCE, header.DESTINATION) else EVERY_PORT
            those = every - step.values if step.negated else step.values
            found = those if found is None else found & those
    return found


def _interfaces(rule: Rule) -> frozenset[str]:
    """Those that the rule names as its ingress; none: every one."""
    names: set[str] = set()
    for step in rule.steps:
        if isinstance(step, OnInterface) and step.side == header.IIF and not step.negated:
            names |= set(step.patterns)
    return frozenset(names)
