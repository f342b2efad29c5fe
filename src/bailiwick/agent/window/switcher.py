"""The process of the switch's unit: to the new generation, until it settles, and what must be so is asked."""

from __future__ import annotations

from bailiwick.agent.disk import record
from bailiwick.agent.disk.store import Store
from bailiwick.agent.machine import Machine
from bailiwick.agent.model import Probe
from bailiwick.agent.window import course, news, probing
from bailiwick.agent.window.decisions import Failed, Phase, Switched


def run(machine: Machine) -> int:
    """The exit status. Whatever goes wrong takes the old generation back."""
    places = machine.places
    window = record.load(places)
    if window is None or window.phase is not Phase.SWITCHING:
        return 1

    def tell(text: str) -> None:
        news.tell(places, machine.now(), "switch", text)

    def asked(probe: Probe, holds: bool, text: str) -> None:
        news.tell(places, machine.now(), "probe", text, news.of_probe(probe, holds))

    try:
        machine.switch(window.new, tell)
        failed = probing.ask(machine, Store(places).generation(window.new).probes, asked)
        event = Failed("; ".join(failed)) if failed else Switched(machine.now())
    except Exception as failure:  # noqa: BLE001  of whatever kind: it is told, and ends the apply
        event = Failed(str(failure) or type(failure).__name__)
    if isinstance(event, Failed):
        tell(event.why)
    else:
        news.tell(places, event.at, "settled", f"generation {window.new} stands; it is to be confirmed")
    course.carry(machine, event)
    return 0 if isinstance(event, Switched) else 1
