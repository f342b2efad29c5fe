"""Real DNS questions to the router's resolvers: names and addresses of the home, the internet's, a rebinding one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from bailiwick.packets.packet import UDP
from bailiwick.plan.model import Exit, Plan, ResolverInstance
from bailiwick.twin.layout import Layout, Station
from bailiwick.twin.result import Check
from bailiwick.twin.wire.conversations import DNS_PORT, Call, Exchange
from bailiwick.twin.wire.messages import PTR, A, question, read_reply

PUBLIC_ANSWER = "185.199.108.153"
MOST = 300
"""Records asked for of one resolver."""
AT_ONCE = 100
"""Questions under way: dnsmasq refuses one while 150 wait for an answer of the internet's (dns-forward-max)."""


@dataclass(frozen=True, slots=True)
class Question:
    """``values`` None: any answer without an address inside the home is right (a rebinding one)."""

    name: str
    kind: int
    values: tuple[str, ...] | None
    station: Station
    source: IPv4Address
    resolver: IPv4Address
    asked_by: str | None = None  # the station that alone may be asked by the resolver


def askers(instance: ResolverInstance, plan: Plan, layout: Layout) -> Iterator[tuple[Station, IPv4Address]]:
    """A sender in each zone that this resolver answers: for an exit's, only those who leave by it."""
    routed = next((exit_.sources for exit_ in plan.exits if exit_.id == instance.exit), None)
    everyone = [exit_.sources for exit_ in plan.exits]
    for gateway in instance.addresses:
        for station in layout.stations:
            if station.gateway != gateway:
                continue
            for held in station.addresses:
                address = int(held.ip)
                theirs = address in routed if routed is not None else not any(address in other for other in everyone)
                if theirs:
                    yield station, held.ip
                    break


def _questions(instance: ResolverInstance, plan: Plan, layout: Layout) -> Iterator[Question]:
    exits = {exit_.id: exit_.uplink for exit_ in plan.exits}
    for number, (station, source) in enumerate(askers(instance, plan, layout)):
        gateway = station.gateway
        if gateway is None:
            continue
        addresses: dict[str, set[str]] = {}
        for record in instance.records[: MOST if number == 0 else 3]:
            addresses.setdefault(record.name, set()).add(str(record.address))
            if record.reverse:
                yield Question(record.address.reverse_pointer, PTR, (record.name,), station, source, gateway)
        for name, values in addresses.items():
            yield Question(name, A, tuple(sorted(values)), station, source, gateway)
        way = exits.get(instance.exit or "")
        by = next((s.name for s in layout.stations if s.place == way and s.everything), None) if way else None
        mine = f"{instance.id.split(':', 1)[1]}-{station.name.replace('.', '-')}"
        yield Question(f"{mine}.example", A, (PUBLIC_ANSWER,), station, source, gateway, by)
        if instance.rebind_protection:
            yield Question(f"rebind-{mine}.example", A, None, station, source, gateway)


def in_turns(calls: Sequence[Call]) -> Iterator[Sequence[Call]]:
    """The same calls in the same order, no more of them together than a resolver takes."""
    return (calls[first : first + AT_ONCE] for first in range(0, len(calls), AT_ONCE))


def ask_names(exchange: Exchange, plan: Plan, layout: Layout, patience: float) -> tuple[Check, ...]:
    """As many questions at once as a resolver takes; the resolvers of the internet answer for any name."""
    for station in layout.stations:
        if station.everything:
            exchange.listen(station.name, UDP, DNS_PORT)
    asked = [
        question_ for instance in plan.resolvers if instance.serves for question_ in _questions(instance, plan, layout)
    ]
    calls = [
        Call(q.station.name, q.source, q.resolver, UDP, DNS_PORT, question(number & 0xFFFF, q.name, q.kind))
        for number, q in enumerate(asked)
    ]
    answers = [said for turn in in_turns(calls) for said in exchange.insist(turn, patience)]
    return tuple(_check(q, said, exchange) for q, said in zip(asked, answers, strict=True))


def ask_without(exit_: Exit, exchange: Exchange, plan: Plan, layout: Layout, patience: float) -> tuple[Check, ...]:
    """A question by one of those who leave by the exit alone, while it is away: its resolver may ask nobody."""
    checks: list[Check] = []
    for instance in plan.resolvers:
        if instance.exit != exit_.id:
            continue
        for station, source in askers(instance, plan, layout):
            name = f"away-{instance.id.split(':', 1)[1]}-{station.name.replace('.', '-')}.example"
            resolver = station.gateway or source
            exchange.call([Call(station.name, source, resolver, UDP, DNS_PORT, question(1, name, A))], patience)
            asked = sorted({by for by, what in exchange.asked if what == name})
            subject = f"DNS address of {name}, asked by {source} while {exit_.uplink} is away"
            checks.append(Check(subject, "nobody was asked", f"{', '.join(asked) or 'nobody'} was asked", not asked))
    return tuple(checks)


def _check(asked: Question, said: bytes | None, exchange: Exchange) -> Check:
    subject = f"DNS {'name of' if asked.kind == PTR else 'address of'} {asked.name}, asked by {asked.source}"
    expected = "no address inside the home" if asked.values is None else ", ".join(asked.values)
    if said is None:
        return Check(subject, expected, "no answer", False)
    try:
        values = read_reply(said).values
    except ValueError as error:
        return Check(subject, expected, str(error), False)
    seen = ", ".join(values) or "no such record"
    right = (
        not any(value.startswith("192.168.") for value in values) if asked.values is None else values == asked.values
    )
    if asked.asked_by:
        by = {station for station, name in exchange.asked if name == asked.name}
        seen += f"; {', '.join(sorted(by)) or 'nobody'} was asked"
        expected += f"; {asked.asked_by} was asked"
        right = right and by == {asked.asked_by}
    return Check(subject, expected, seen, right)
