"""Plan ids back to the lines of the home file that asked for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Protocol

from bailiwick.language.span import Span
from bailiwick.plan.model import Plan


class Node(Protocol):
    """What the plan's nodes have in common."""

    @property
    def id(self) -> str: ...

    @property
    def spans(self) -> tuple[Span, ...]: ...


def spans_by_id(plan: Plan) -> Mapping[str, tuple[Span, ...]]:
    """By id, sorted. Kernel settings and hygiene follow from being a router: no line asked for them."""
    found: dict[str, set[Span]] = {}
    for identity, spans in _nodes(plan):
        found.setdefault(identity, set()).update(spans)
    return {identity: tuple(sorted(spans)) for identity, spans in sorted(found.items()) if spans}


def _nodes(plan: Plan) -> Iterator[tuple[str, tuple[Span, ...]]]:
    nodes: Iterable[Node] = chain(
        plan.interfaces,
        plan.exits,
        plan.returns,
        plan.flows,
        plan.translations,
        plan.masquerades,
        plan.dhcp,
        plan.resolvers,
        plan.sheets,
        plan.time_servers,
        (plan.fasttrack,) if plan.fasttrack else (),
        plan.dynamic_names,
        (plan.log_server,) if plan.log_server else (),
        *(server.reservations for server in plan.dhcp),
    )
    for node in nodes:
        yield node.id, node.spans
    for resolver in plan.resolvers:
        for record in resolver.records:
            yield f"record:{record.name}", record.spans
