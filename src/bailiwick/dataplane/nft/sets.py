"""Sets and maps, named and anonymous: their elements as sides of the fields that a rule asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bailiwick.dataplane.nft.errors import Unclear
from bailiwick.dataplane.nft.numbers import STATES
from bailiwick.dataplane.nft.operands import Operand
from bailiwick.dataplane.nft.values import Dialect, numbers_of, pattern
from bailiwick.dataplane.nft.words import words
from bailiwick.dataplane.rules import Side
from bailiwick.dataplane.tally import Line
from bailiwick.packets.header import State
from bailiwick.packets.interval import IntervalSet

_HARMLESS = frozenset({"val", "comment", "counter", "last"})
"""What an element may carry without being there less."""
KERNEL_STATES: Mapping[State, int] = {
    State.NEW: STATES["new"],
    State.ESTABLISHED: STATES["established"],
    State.RELATED: STATES["related"],
    State.INVALID: STATES["invalid"],
    State.UNTRACKED: STATES["untracked"],
}


@dataclass(frozen=True, slots=True)
class Element:
    """``key`` and ``data`` are JSON. ``lasting`` is False where it goes by itself, or matches only now and then."""

    key: object
    data: object = None
    lasting: bool = True
    line: Line | None = None

    @property
    def catch_all(self) -> bool:
        return self.key == "*"


_Sided = tuple[tuple[Element, tuple[Side, ...]], ...]


@dataclass(frozen=True, slots=True)
class Elements:
    """``name`` is empty for a set in the rule itself. ``open``: others come and go (dynamic, with timeouts)."""

    elements: tuple[Element, ...]
    name: str = ""
    open: bool = False
    _sides: dict[object, _Sided] = field(default_factory=dict, compare=False, repr=False)

    @property
    def catch_all(self) -> Element | None:
        return next((one for one in self.elements if one.catch_all), None)

    def entries(self, operands: Sequence[Operand]) -> _Sided:
        """Each element but ``*`` with its sides, one for each operand. Raises Unclear."""
        key = tuple((one.field, one.dialect, one.mask, one.flip) for one in operands)
        if key not in self._sides:
            self._sides[key] = tuple(
                (one, sides(one.key, operands)) for one in self.elements if one.lasting and not one.catch_all
            )
        return self._sides[key]


def elements(value: object, lines: Mapping[str, Line] | None = None) -> Iterator[Element]:
    """``elem`` of a set or a map, or an anonymous one."""
    for one in value if isinstance(value, list) else [] if value is None else [value]:
        key, data = (one[0], one[1]) if isinstance(one, list) and len(one) == 2 else (one, None)
        lasting = True
        if isinstance(key, dict) and isinstance(key.get("elem"), dict) and "val" in key["elem"]:
            lasting = key["elem"].keys() <= _HARMLESS
            key = key["elem"]["val"]
        yield Element(key, data, lasting, lines.get(words(key)) if lines else None)


def sides(key: object, operands: Sequence[Operand]) -> tuple[Side, ...]:
    """Raises Unclear."""
    if len(operands) == 1:
        return (side(key, operands[0]),)
    match key:
        case {"concat": list(parts)} if len(parts) == len(operands):
            return tuple(side(part, one) for part, one in zip(parts, operands, strict=True))
    raise Unclear(f"{words(key)} has not {len(operands)} parts")


def side(value: object, one: Operand) -> Side:
    """What the operand's field may be so that the operand has the value. Raises Unclear."""
    if one.interface:
        return (pattern(value),)
    if one.dialect is None or not one.dialect.width:
        raise Unclear(f"nobody knows {one.text}")
    asked = numbers_of(value, one.dialect)
    if one.dialect is Dialect.STATE:
        return states(asked, one)
    return unflipped(asked, one)


def states(asked: IntervalSet, one: Operand) -> IntervalSet:
    """The kernel keeps a state as one bit of a word; here it is one number of five."""
    mask = (1 << 32) - 1 if one.mask is None else one.mask
    return IntervalSet.of(
        (int(state), int(state)) for state, bit in KERNEL_STATES.items() if (bit & mask) ^ one.flip in asked
    )


def unflipped(asked: IntervalSet, one: Operand) -> IntervalSet:
    """Raises Unclear for a wide range of a value with bits turned."""
    if not one.flip:
        return asked
    if asked.size() > 256:
        raise Unclear(f"a range of {one.text}")
    return IntervalSet.of((n ^ one.flip, n ^ one.flip) for first, last in asked.spans for n in range(first, last + 1))
