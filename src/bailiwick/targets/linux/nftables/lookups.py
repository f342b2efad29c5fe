"""What a permission still has to look at once its sides' conditions hold: fields, and the sets that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bailiwick.network.model import Match
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.targets.linux.nftables.disjoint import Box, disjoint
from bailiwick.targets.linux.nftables.syntax import Element, NamedSet, Rule, braces
from bailiwick.targets.linux.nftables.values import Span, address, number, protocol


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a set's key: the expression that loads it and the set's type for it."""

    expression: str
    type: str


SOURCE = Field("ip saddr", "ipv4_addr")
DESTINATION = Field("ip daddr", "ipv4_addr")
_PROTOCOL = Field("meta l4proto", "inet_proto")
_PORT = Field("th dport", "inet_service")
_ICMP_TYPE = Field("icmp type", "icmp_type")


class Kind(StrEnum):
    """What a match leaves to be looked up."""

    ANY = "any"
    PROTOCOL = "protocol"
    PORT = "port"
    ICMP_TYPE = "icmp-type"


FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.ANY: (),
    Kind.PROTOCOL: (_PROTOCOL,),
    Kind.PORT: (_PROTOCOL, _PORT),
    Kind.ICMP_TYPE: (_ICMP_TYPE,),
}
"""``th dport`` is read only beside a protocol that has ports."""

Values = tuple[Kind, Box]
"""A match as its kind and what its fields may hold."""

Owner = tuple[Box, str]
"""A box of values and the id that asked for it."""


def look_at(match: Match) -> Values:
    """The kind of a match and its values; raises ValueError for one that no packet can meet."""
    if match == Match():
        return Kind.ANY, ()
    if match.protocol is not None:
        alone = (match.protocol, match.protocol)
        if match.ports is None and match.icmp_type is None:
            return Kind.PROTOCOL, (alone,)
        if match.protocol in (TCP, UDP) and match.ports is not None:
            return Kind.PORT, (alone, match.ports)
        if match.protocol == ICMP and match.icmp_type is not None:
            return Kind.ICMP_TYPE, ((match.icmp_type, match.icmp_type),)
    raise ValueError(f"a match that no packet can meet: {match}")


def accepting(
    condition: str, fields: Sequence[Field], owners: Iterable[Owner], names: Iterator[str]
) -> tuple[list[NamedSet], list[Rule]]:
    """Rules that accept what is in the boxes: single values by a hash set, the cheaper lookup, ranges by an interval
    set, and one alone by the rule itself. ``names`` gives the sets theirs."""
    pieces = disjoint(owners)
    sets: list[NamedSet] = []
    rules: list[Rule] = []
    for interval in (False, True):
        chosen = [(box, ids) for box, ids in pieces if any(first != last for first, last in box) is interval]
        if len(chosen) == 1:
            box, ids = chosen[0]
            rules.append(Rule(f"{condition}{inline(fields, box)}accept", ids))
        if len(chosen) < 2:
            continue
        lookup = " . ".join(field.expression for field in fields)
        elements = tuple(Element(_key(fields, box), ids) for box, ids in chosen)
        made = NamedSet(next(names), " . ".join(field.type for field in fields), elements, interval=interval)
        everyone = tuple(sorted({one for _, ids in chosen for one in ids}))
        sets.append(made)
        rules.append(Rule(f"{condition}{lookup} @{made.name} accept", everyone))
    return sets, rules


def inline(fields: Sequence[Field], box: Box) -> str:
    """The values as matches of a rule, with a final space."""
    parts = dict(zip(fields, box, strict=True))
    ports = ""
    if _PORT in parts:
        port, proto = parts.pop(_PORT), parts.pop(_PROTOCOL)
        ports = f"{protocol(proto[0])} dport {number(port)} "
    return "".join(f"{field.expression} {_value(field, span)} " for field, span in parts.items()) + ports


def spelled_out(values: Iterable[Values]) -> Iterator[str]:
    """The same as matches of rules, with a final space: one for each kind, and for each protocol's ports."""
    found: dict[str, list[Span]] = {}
    for kind, box in values:
        if kind is Kind.ANY:
            yield ""
        expression = (
            f"{protocol(box[0][0])} dport" if kind is Kind.PORT else "".join(f.expression for f in FIELDS[kind])
        )
        found.setdefault(expression, []).extend(box[-1:])
    for expression, spans in sorted(found.items()):
        if spans:
            several = braces([number(span) for span in IntervalSet.of(spans).spans])
            yield f"{expression} {several} "


def _key(fields: Sequence[Field], box: Box) -> str:
    return " . ".join(_value(field, span) for field, span in zip(fields, box, strict=True))


def _value(field: Field, span: Span) -> str:
    if field.type == "ipv4_addr":
        return address(span)
    return protocol(span[0]) if field is _PROTOCOL and span[0] == span[1] else number(span)
