"""One changed RouterOS script before the proof, and before judges who share no code with it.

The judges: packets walked one by one over the device as it was and as it is now, frames flooded port by port, and
whether the two devices read alike at all. A token that the reader does not see has to have a reason (``unseen``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property

from bailiwick.dataplane.interpreter import BrokenRules, Header
from bailiwick.dataplane.model import Device, Wiring
from bailiwick.dataplane.tally import Line, Tally
from bailiwick.intent import Intent
from bailiwick.language.diagnostic import Problems
from bailiwick.proof.handouts import handouts
from bailiwick.proof.offered import offered
from bailiwick.proof.places import find_places
from bailiwick.proof.prove import prove
from bailiwick.proof.scripted import scripted
from bailiwick.proof.settings import forwards, unread
from bailiwick.proof.wired import Machines
from bailiwick.workflow import Checked
from bailiwick.workflow.machines import read_machines, read_script
from tests.dataplane.segments.brute import flooded
from tests.proof.mutations.mutant import Mutant
from tests.proof.mutations.script import script_mutants
from tests.proof.mutations.script_boundary import ScriptBoundary
from tests.proof.mutations.trial import Judged, Verdict, otherwise
from tests.proof.mutations.unseen import unseen

ASKED, MET, EDGES = 5, 24, 4
PATH = "/bailiwick.rsc"

Prover = Callable[[Intent, Device, Machines | None], bool]


def holds(intent: Intent, device: Device, others: Machines | None) -> bool:
    """The proof, its quick parts first: one difference is enough."""
    network = intent.network
    places = find_places(network, device)
    quick = (unread(device), forwards(device), scripted(network, device), handouts(network, device, places))
    if places.problems or any(True for part in (*quick, offered(network, device)) for _ in part):
        return False
    return prove(intent, device, others=others).holds


@dataclass
class ScriptTrial:
    """Of one home whose router runs RouterOS."""

    checked: Checked
    prover: Prover = holds
    size: int = 1200

    @cached_property
    def text(self) -> str:
        return self.checked.trees[0].file(PATH).text

    @cached_property
    def name(self) -> str:
        return self.checked.trees[0].device

    @cached_property
    def device(self) -> Device:
        return read_script(self.name, {PATH: self.text})

    @cached_property
    def others(self) -> Machines | None:
        trees = {tree.device: {one.path: one.text for one in tree.artifacts} for tree in self.checked.trees}
        switches = {name: trees[name] for name in self.checked.read.network.switches}
        return read_machines(switches) if switches else None

    @cached_property
    def boundary(self) -> ScriptBoundary:
        return ScriptBoundary(self.device, self.text, 1, self.size)

    @cached_property
    def _bare(self) -> object:
        return bare(self.device)

    def mutants(self) -> list[Mutant]:
        interfaces = sorted(name for name in self.device.interfaces if name != "lo")
        return list(script_mutants(PATH, self.text, interfaces))

    def judge(self, mutant: Mutant) -> Judged:
        try:
            device = read_script(self.name, {PATH: mutant.text})
        except Problems as problems:
            return Judged(mutant, Verdict.REFUSED, reason=problems.diagnostics[0].message)
        if not self.prover(self.checked.intent, device, self.others):
            return Judged(mutant, Verdict.SEEN)
        if bare(device) == self._bare:
            lines = (text.split("\n")[mutant.number - 1] for text in (self.text, mutant.text))
            why = unseen(mutant, *lines)
            return Judged(mutant, Verdict.SAME if why else Verdict.MISSED, reason=why or "no reader looks at it")
        try:
            shown = otherwise(self.boundary.interpreter, device, self._packets(mutant))
        except BrokenRules as error:
            return Judged(mutant, Verdict.MISSED, reason=str(error))
        if shown is not None:
            return Judged(mutant, Verdict.MISSED, *shown)
        if self._frames(device) != self._frames(self.device):
            return Judged(mutant, Verdict.MISSED, reason="a frame goes elsewhere")
        return Judged(mutant, Verdict.SILENT)

    # ---- packets

    def _packets(self, mutant: Mutant) -> Iterator[Header]:
        boundary, number = self.boundary, mutant.number
        old, new = (text.split("\n")[number - 1] for text in (self.text, mutant.text))
        if "firewall address-list" in old:
            for line in (old, new):
                yield from boundary.for_list(self.text, line, ASKED)
        elif "/ip firewall " in old:
            for line in (old, new):
                yield from boundary.for_line(line, ASKED)
        else:
            yield from boundary.routed()
        met = [number] if boundary.met.get(number) else []
        some = boundary.met_by(met, MET if met else 2 * MET)
        yield from some
        for packet in some[:: max(1, len(some) // EDGES)]:
            yield from boundary.edges(packet, mutant.old)
            yield from boundary.edges(packet, mutant.new)

    # ---- frames

    def _frames(self, device: Device) -> dict[tuple[str, tuple[int, ...]], frozenset[object]]:
        """Who hears what is sent into each interface with each tag, of this one device."""
        wiring = Wiring({device.name: device})
        vlans = sorted({zone.vlan for zone in self.checked.read.network.zones.values() if zone.vlan is not None})
        ends = [one.name for one in device.interfaces.values() if one.kind in ("ethernet", "vlan")]
        tags: list[tuple[int, ...]] = [(), *((vlan,) for vlan in (*vlans, 4001))]
        return {(end, sent): frozenset(flooded(wiring, device.name, end, sent)) for end in ends for sent in tags}


def bare(value: object) -> object:
    """A device without its lines and its account of them: what it is, and not where that is written."""
    if isinstance(value, Line | Tally):
        return None
    if is_dataclass(value):
        return (type(value).__name__, *(bare(getattr(value, one.name)) for one in fields(value)))
    if isinstance(value, Mapping):
        return {key: bare(one) for key, one in value.items() if not re.search(r" line$", str(key))}
    if isinstance(value, tuple | list):
        return tuple(bare(one) for one in value)
    return value
