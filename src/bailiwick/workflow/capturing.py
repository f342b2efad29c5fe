"""Frames on the router's interfaces: of this machine, where it is the router, or of the twin during a trial."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bailiwick.twin import TwinOptions
from bailiwick.twin.capture import Names, Spot, addresses_of, spot_of
from bailiwick.twin.wire.headers import Frame
from bailiwick.twin.wire.listening import Ears, heard
from bailiwick.workflow.checking import Checked, check
from bailiwick.workflow.trial import try_home


@dataclass(frozen=True, slots=True)
class Aimed:
    """Where to listen, and what to call whom."""

    checked: Checked
    spot: Spot
    names: Names


def aim(home: Path, today: date, name: str, host: str = "") -> Aimed:
    """``name`` is a zone, host or link; ``host`` narrows it to one host's frames. Raises NoSpot and Problems."""
    checked = check(home, today)
    network = checked.read.network
    spot = spot_of(network, checked.plan, name)
    if host:
        spot = replace(spot, hosts=addresses_of(network, host))
    return Aimed(checked, spot, Names(network))


@contextmanager
def listening(spot: Spot) -> Iterator[Iterator[Frame]]:
    """On this machine. Raises OSError where it has no such interface, or this user may not listen."""
    with Ears(spot.interfaces) as ears:
        yield heard(ears, spot)


def in_twin(aimed: Aimed) -> tuple[Frame, ...]:
    """Bring the home up in the twin, send a trial's packets, and give back what came by. Raises StageError."""
    trial = try_home(aimed.checked, TwinOptions(listen=aimed.spot))
    return trial.result.captured
