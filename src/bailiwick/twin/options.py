"""What a caller may choose about a trial."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bailiwick.twin.capture import Spot

CONTAINERS = "containers"
"""The act that needs a stage with Docker: it is played where it is named."""


class Where(StrEnum):
    """Which stage a trial takes place on."""

    NAMESPACES = "namespaces"
    """Of the running kernel: seconds, with what that kernel has."""
    MACHINE = "machine"
    """A virtual machine with Debian's kernel: about a minute, with all that kernel has."""
    BOOTED = "booted"
    """A virtual machine in which systemd boots the router's files: minutes, with the units as they are."""


@dataclass(frozen=True, slots=True)
class TwinOptions:
    """``patience`` is how long, in seconds, to wait for a packet before calling it dropped; a surprise is tried
    again alone with three times that. ``limit`` is the most packets to send, where it is not ``every``; ``ready`` is
    how long the router may take to have all its addresses, a DHCP lease included; ``deadline`` ends the whole trial.
    ``every`` sends every packet, and plays the acts that take longer, too. ``listen`` keeps what comes by on some of
    the router's interfaces."""

    patience: float = 0.4
    limit: int = 60_000
    ready: float = 30.0
    deadline: float = 300.0
    every: bool = False
    acts: tuple[str, ...] = ()
    """Names of the acts that take longer: these are played. ``every`` plays all of them."""
    just: tuple[str, ...] = ()
    """Names of acts: no other is played. Empty: those that the rest of the options ask for."""
    where: Where = Where.NAMESPACES
    only: tuple[str, ...] = ()
    """Ids of claims: nothing else is tried. Empty: everything."""
    listen: Spot | None = None
    owned: str = ""
    """A host that is no longer its owner's: what it could try, and nothing else, is tried. Empty: everything."""


IN_A_MACHINE = TwinOptions(patience=1.0, limit=8_000, ready=60.0, deadline=600.0, where=Where.MACHINE)
"""For an emulated processor, ten to twenty times slower than this one."""

IN_A_BOOTED_ONE = TwinOptions(patience=1.0, limit=8_000, ready=60.0, deadline=400.0, where=Where.BOOTED)
"""The same, where systemd starts everything; ``deadline`` covers its boot, too."""
