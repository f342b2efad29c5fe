"""How a command gets to a device: on this machine, or by the system's ssh."""

from __future__ import annotations

from pathlib import Path

from bailiwick.apply.transport.local import LOCAL, Local
from bailiwick.apply.transport.ssh import Ssh
from bailiwick.apply.transport.way import BadAddress, Cut, Ended, Transport, Unreachable

__all__ = ["LOCAL", "BadAddress", "Cut", "Ended", "Local", "Ssh", "Transport", "Unreachable", "transport_to"]


def transport_to(address: str, config: Path | None = None, interactive: bool = False) -> Transport:
    """``address`` is ``local`` or what ssh takes; ``config`` takes the place of the user's own ssh configuration.

    ``interactive``: ssh may ask at the terminal. Raises BadAddress.
    """
    return Local() if address == LOCAL else Ssh(address, config, interactive)
