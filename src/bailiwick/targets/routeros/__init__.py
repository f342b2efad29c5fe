"""RouterOS 7: a device that is a switch."""

from __future__ import annotations

from bailiwick.targets.routeros.switch import switch

__all__ = ["switch"]
