"""How a window is told to people: who began it, how far it is, and how long it is open yet."""

from __future__ import annotations

from typing import Any

from bailiwick.agent.window.decisions import Phase, Window

CLOSES = (Phase.ARMED, Phase.SWITCHING, Phase.WAITING)
"""Those that a deadline ends."""


def told(window: Window | None, now: float) -> dict[str, Any] | None:
    """``left`` seconds until the old generation comes back, 0 where it does so already. The token is nobody's."""
    if window is None:
        return None
    left = max(0.0, window.deadline - now) if window.phase in CLOSES else 0.0
    return {
        "old": window.old,
        "new": window.new,
        "phase": window.phase.value,
        "left": round(left, 3),
        "owner": window.owner,
        "reason": window.reason,
    }
