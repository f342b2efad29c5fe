"""The engine of regions: OxiDD's binary decision diagrams, or interval diagrams in plain Python where it is absent."""

from __future__ import annotations

from collections.abc import Mapping

from bailiwick.packets.interval_diagram import IntervalSpace
from bailiwick.packets.region import Space


def space(widths: Mapping[str, int], pure: bool = False) -> Space:
    """A space over these fields (``header.widths`` or any other, in the order that keeps diagrams small).

    ``pure`` asks for the plain one. There is no wheel of OxiDD for every platform (armv7), and it takes 40 ms to
    import: nobody pays for it who makes no space.
    """
    if pure:
        return IntervalSpace(widths)
    try:
        import oxidd.bcdd  # noqa: F401, PLC0415 - only whether it is there
    except ImportError:
        return IntervalSpace(widths)
    from bailiwick.packets.binary_diagram import BinarySpace  # noqa: PLC0415 - needs OxiDD

    return BinarySpace(widths)
