"""Maps: what a key leads to. Where the common form has a lookup for it, that; otherwise a rule for each outcome."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bailiwick.dataplane.nft.comparing import Tests, operands_of
from bailiwick.dataplane.nft.context import Context
from bailiwick.dataplane.nft.errors import Unclear
from bailiwick.dataplane.nft.membership import keys_of, membership, protocols_with_ports
from bailiwick.dataplane.nft.operands import PORTFUL, Operand
from bailiwick.dataplane.nft.sets import Element, Elements
from bailiwick.dataplane.nft.words import words
from bailiwick.dataplane.rules import Key, Lookup, Side
from bailiwick.dataplane.tally import Line

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """A lookup that the common form has."""

    keys: tuple[Key, ...]
    entries: tuple[tuple[tuple[Side, ...], T], ...]
    name: str
    lines: tuple[Line | None, ...]

    def part(self, places: Iterable[int]) -> Lookup:
        """A test for some of the entries."""
        at = list(places)
        lines = tuple(self.lines[place] for place in at) if self.lines else ()
        return Lookup(self.keys, tuple(self.entries[place][0] for place in at), name=self.name, lines=lines)


@dataclass(frozen=True, slots=True)
class Outcomes(Generic[T]):
    """``needs`` come first; then ``table``, and ``others``, each with its own tests; no packet passes two of them."""

    needs: Tests
    table: Table[T] | None
    others: tuple[tuple[Tests, T], ...]


def mapping(context: Context, key: object, data: object, read: Callable[[object], T]) -> Outcomes[T]:
    """``read`` makes an outcome of an element's JSON. Raises Unclear, also for a map that others fill."""
    operands = operands_of(key)
    found = context.elements(data)
    if found.open or any(not one.lasting for one in found.elements):
        raise Unclear(
            f"{words(key)} map {words(data) if not found.name else '@' + found.name}: its elements come and go"
        )
    needs: Tests = tuple(test for one in operands for test in context.needs(one))
    if not _direct(context, operands, found):
        return Outcomes(needs, None, tuple(_each(context, operands, found, read)))
    entries = found.entries(operands)
    lines = tuple(element.line for element, _ in entries)
    table = Table(
        keys_of(operands),
        tuple((sides, read(element.data)) for element, sides in entries),
        found.name,
        lines if any(lines) else (),
    )
    return Outcomes(needs, table, tuple(_rest(context, operands, found, read)))


def _direct(context: Context, operands: Sequence[Operand], found: Elements) -> bool:
    if not all(one.plain for one in operands):
        return False
    loose = any(one.loose for one in operands)
    sure = context.protocols is not None and PORTFUL.covers(context.protocols)
    return not loose or sure or protocols_with_ports(operands, found)


def _rest(
    context: Context, operands: Sequence[Operand], found: Elements, read: Callable[[object], T]
) -> Iterator[tuple[Tests, T]]:
    """What ``*`` leads to: everything that no other element holds."""
    if found.catch_all is not None:
        others = Elements(tuple(one for one in found.elements if not one.catch_all), found.name)
        yield membership(context, operands, others, True), read(found.catch_all.data)


def _each(
    context: Context, operands: Sequence[Operand], found: Elements, read: Callable[[object], T]
) -> Iterator[tuple[Tests, T]]:
    groups: dict[str, list[Element]] = {}
    for one in found.elements:
        if not one.catch_all:
            groups.setdefault(json.dumps(one.data, sort_keys=True), []).append(one)
    for group in groups.values():
        yield membership(context.copy(), operands, Elements(tuple(group)), False), read(group[0].data)
    yield from _rest(context.copy(), operands, found, read)


def key_of(inner: object) -> object:
    """The key of a map's JSON, or None."""
    return inner.get("key") if isinstance(inner, dict) else None


def keyed(context: Context, inner: object, read: Callable[[object], T]) -> Outcomes[T]:
    """``mapping`` of a map's JSON. Raises Unclear."""
    if not isinstance(inner, dict):
        raise Unclear("a map without a key")
    return mapping(context, inner.get("key"), inner.get("data"), read)
