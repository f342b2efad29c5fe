"""Steps of an apply on a device that is made up: begun, settled, confirmed, watched by its timer."""

from __future__ import annotations

from bailiwick.agent.disk import history, record
from bailiwick.agent.disk.store import Store
from bailiwick.agent.window import deadman, switcher
from bailiwick.agent.window.course import (
    Asked,
    begin,
    carry,
)
from bailiwick.agent.window.decisions import Confirm, Phase, Window
from tests.agent.course.fake import TOKEN, Fake


def asked(number: int, *, expect: str = "", limit: float = 180.0) -> Asked:
    return Asked(number, 120.0, limit, TOKEN, "ann", expect)


def opened(machine: Fake) -> Window:
    window = record.load(machine.places)
    assert window is not None
    return window


def timer(machine: Fake) -> int:
    """The dead-man's process, until it ends; its clock runs as it sleeps."""
    return deadman.run(machine, lambda text: None)


def settled(machine: Fake, number: int) -> None:
    assert begin(machine, asked(number))
    assert switcher.run(machine) == 0
    machine.world.switches = False
    assert opened(machine).phase is Phase.WAITING


def confirmed(machine: Fake, number: int) -> None:
    settled(machine, number)
    carry(machine, Confirm(TOKEN, machine.now(), machine.now()))
    assert Store(machine.places).confirmed() == number


def whats(machine: Fake) -> list[str]:
    return [entry["what"] for entry in history.entries(machine.places)]
