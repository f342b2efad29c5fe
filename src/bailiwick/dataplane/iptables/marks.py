"""``MARK``, ``CONNMARK`` and ``HMARK``: bits of a mark set, copied, flipped (xt_mark.c, xt_connmark.c).

Each computes ``field = (field & ~cleared) ^ other``. What one step cannot say becomes a chain of its own, a rule or
two for each bit, in the words that every analysis knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bailiwick.dataplane.iptables.arguments import Module, NotUnderstood
from bailiwick.dataplane.iptables.names import whole_number
from bailiwick.dataplane.iptables.values import TRACKED, WORD, marked
from bailiwick.dataplane.rules import Among, Chain, CopyField, Jump, Return, Rule, Scramble, SetField, Step
from bailiwick.dataplane.tally import Line
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet


@dataclass(frozen=True, slots=True)
class Change:
    """The steps that end a rule, and the chains that they jump to, by name."""

    steps: tuple[Step, ...]
    chains: tuple[Chain, ...] = ()


def _bits(mask: int) -> list[int]:
    return [1 << bit for bit in range(32) if mask >> bit & 1]


def _is(field: str, bit: int) -> Among:
    return Among(field, IntervalSet.single(bit), bit)


def _by_chain(name: str, rules: Sequence[tuple[Step, ...]], line: Line, more: tuple[Chain, ...] = ()) -> Change:
    chain = Chain(name, tuple(Rule(steps, line) for steps in rules), None, line)
    return Change((Jump(name),), (chain, *more))


def set_bits(field: str, cleared: int, value: int, name: str, line: Line) -> Change:
    """``field = (field & ~cleared) ^ value``; ``name`` is free for a chain."""
    flipped = value & ~cleared
    plain = SetField(field, value & cleared, None if cleared == WORD else cleared)
    if not flipped:
        return Change((plain,))
    rules: list[tuple[Step, ...]] = [(plain,)] if cleared else []
    chains = []
    for bit in _bits(flipped):
        chains.append(_flip(field, bit, f"{name} bit {bit:#x}", line))
        rules.append((Jump(chains[-1].name),))
    return _by_chain(name, rules, line, tuple(chains))


def _flip(field: str, bit: int, name: str, line: Line) -> Chain:
    rules = ((_is(field, bit), SetField(field, 0, bit), Return()), (SetField(field, bit, bit),))
    return Chain(name, tuple(Rule(steps, line) for steps in rules), None, line)


def copy_bits(into: tuple[str, int], out_of: tuple[str, int], name: str, line: Line) -> Change:
    """``field = (field & ~cleared) ^ (origin & taken)``, each field with its mask."""
    (field, cleared), (origin, taken) = into, out_of
    if cleared == taken == WORD:
        return Change((CopyField(field, origin),))
    rules: list[tuple[Step, ...]] = []
    chains = []
    if cleared:
        rules.append((SetField(field, 0, None if cleared == WORD else cleared),))
    for bit in _bits(taken & cleared):
        rules.append((_is(origin, bit), SetField(field, bit, bit)))
    for bit in _bits(taken & ~cleared):
        chains.append(_flip(field, bit, f"{name} bit {bit:#x}", line))
        rules.append((_is(origin, bit), Jump(chains[-1].name)))
    return _by_chain(name, rules, line, tuple(chains))


def mark_target(module: Module, name: str, line: Line) -> Change:
    """``-j MARK``. Raises NotUnderstood."""
    return _computed(module, header.MARK, name, line)


def connmark_target(module: Module, name: str, line: Line) -> Change:
    """``-j CONNMARK``: nothing at all for a packet without connection. Raises NotUnderstood."""
    if module.has("left-shift-mark", "right-shift-mark"):
        field = header.MARK if module.has("restore-mark") else header.CT_MARK
        change = Change((Scramble((field,), str(module)),))
    elif module.has("save-mark", "restore-mark"):
        masks = {option.name: _number(option.value) for option in module.options if option.values}
        both = masks.get("mask", WORD)
        of_packet, of_connection = masks.get("nfmask", both), masks.get("ctmask", both)
        if module.has("save-mark"):
            change = copy_bits((header.CT_MARK, of_connection), (header.MARK, of_packet), name, line)
        else:
            change = copy_bits((header.MARK, of_packet), (header.CT_MARK, of_connection), name, line)
    else:
        change = _computed(module, header.CT_MARK, name, line)
    return Change((TRACKED, *change.steps), change.chains)


def _number(text: str) -> int:
    number = whole_number(text, WORD)
    if number is None:
        raise NotUnderstood(f"`{text}` is no mark")
    return number


def _computed(module: Module, field: str, name: str, line: Line) -> Change:
    if len(module.options) != 1:
        raise NotUnderstood(f"{module.name} takes one way to set the mark")
    option = module.options[0]
    if option.name in ("set-xmark", "set-mark"):
        value, mask = marked(option.value)
        cleared = mask if option.name == "set-xmark" else mask | value
    else:
        number = _number(option.value)
        cleared, value = {
            "and-mark": (WORD ^ number, 0),
            "or-mark": (number, number),
            "xor-mark": (0, number),
        }[option.name]
    if not cleared and not value:
        return Change(())
    return set_bits(field, cleared, value, name, line)
