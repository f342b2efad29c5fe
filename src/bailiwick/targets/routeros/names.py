"""Names of lists and chains: a comma would be two of them, and a long one is cut to what a screen shows."""

from __future__ import annotations

from bailiwick.plan.ids import digest

LONGEST = 60


def name(wanted: str) -> str:
    """``wanted`` where it may stand; else without its commas, or cut, with eight characters of its hash."""
    plain = wanted.replace(",", "+")
    if len(plain) <= LONGEST:
        return plain
    tail = digest(wanted, 8)
    return f"{plain[: LONGEST - len(tail) - 1]}-{tail}"
