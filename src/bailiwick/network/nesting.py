"""Names made of names: the order in which they can be written out, and the circles in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def unroll(parts: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The names, each after its parts, and every circle as the way round it (first name twice).

    Depth first, without recursion: a file may nest as deep as it likes. Parts that are no key are leaves.
    """
    done: dict[str, None] = {}
    circles: list[tuple[str, ...]] = []
    for start in parts:
        way: dict[str, Iterator[str]] = {} if start in done else {start: iter(parts[start])}
        while way:
            name = next(reversed(way))
            part = next((p for p in way[name] if p in parts and p not in done), None)
            if part is None:
                done[name] = None
                del way[name]
            elif part in way:
                names = list(way)
                circles.append((*names[names.index(part) :], part))
            else:
                way[part] = iter(parts[part])
    return tuple(done), tuple(circles)
