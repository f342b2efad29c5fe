"""Which chain reaches which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Jumps = Mapping[str, Sequence[tuple[str, int]]]
"""Chain to the chains that its rules jump to, each with the line of the rule."""


def loops(jumps: Jumps) -> frozenset[int]:
    """The lines without whose jumps no chain would reach itself; the kernel loads no such table (x_tables.c)."""
    done: set[str] = set()
    closing: set[int] = set()
    for start in jumps:
        if start in done:
            continue
        way = {start}
        stack = [(start, iter(jumps[start]))]
        while stack:
            chain, left = stack[-1]
            target = next(left, None)
            if target is None:
                stack.pop()
                way.discard(chain)
                done.add(chain)
            elif target[0] in way:
                closing.add(target[1])
            elif target[0] not in done:
                way.add(target[0])
                stack.append((target[0], iter(jumps.get(target[0], ()))))
    return frozenset(closing)


def reached_from(jumps: Jumps, starts: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    """Chain to the marks of the starts that reach it; ``starts`` is chain to mark."""
    found: dict[str, set[str]] = {name: set() for name in jumps}
    for start, mark in starts.items():
        waiting = [start]
        while waiting:
            chain = waiting.pop()
            if mark not in found.setdefault(chain, set()):
                found[chain].add(mark)
                waiting += [target for target, _ in jumps.get(chain, ())]
    return {name: frozenset(marks) for name, marks in found.items()}
