"""RouterOS 7: a device that is the router, or a switch."""

from __future__ import annotations

from bailiwick.targets.routeros.router import router
from bailiwick.targets.routeros.switch import switch

__all__ = ["router", "switch"]
