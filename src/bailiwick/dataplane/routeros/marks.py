"""Names of marks to the numbers that stand for them in the fields ``mark`` and ``ct_mark``.

RouterOS has three kinds of marks with names. A connection's is ``ct_mark``; a packet's is the lower half of ``mark``,
the routing mark its upper half, so that one does not wipe out the other.
"""

from __future__ import annotations

from bailiwick.packets.header import CT_MARK, MARK

NO_MARK = "no-mark"
FIELDS = {"connection": (CT_MARK, 0, None), "packet": (MARK, 0, 0xFFFF), "routing": (MARK, 16, 0xFFFF0000)}
"""Kind to field, shift and mask."""


class Marks:
    """Hands out numbers from 1 in the order of asking; 0 is ``no-mark``."""

    def __init__(self) -> None:
        self.names: dict[str, dict[str, int]] = {kind: {} for kind in FIELDS}

    def number(self, kind: str, name: str) -> int:
        """A mark's number within its kind."""
        if name == NO_MARK:
            return 0
        known = self.names[kind]
        return known.setdefault(name, len(known) + 1)

    def value(self, kind: str, name: str) -> int:
        """A mark's bits, where they stand in its field."""
        return self.number(kind, name) << FIELDS[kind][1]

    def settings(self) -> dict[str, str]:
        """``mark.connection.NAME`` and so on to the number (bits where they stand)."""
        return {
            f"mark.{kind}.{name}": str(number << FIELDS[kind][1])
            for kind, known in self.names.items()
            for name, number in known.items()
        }
