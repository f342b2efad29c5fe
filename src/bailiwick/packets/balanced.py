"""Many things joined by an associative operation, as a balanced tree: a chain would carry one big operand along."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")


def balanced(items: Iterable[Item], join: Callable[[Item, Item], Item], empty: Item) -> Item:
    """All items joined, neighbours first, their order kept; ``empty`` where there are none."""
    level = list(items)
    while len(level) > 1:
        pairs = [join(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            pairs.append(level[-1])
        level = pairs
    return level[0] if level else empty
