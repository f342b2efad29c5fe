"""One mutant before two judges who share no code for rules: the proof, and packets walked one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from bailiwick.dataplane.interpreter import BrokenRules, End, Header, Interpreter, Walk
from bailiwick.dataplane.linux import read_tree
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.nft.places import scan
from bailiwick.dataplane.unreadable import Unreadable
from bailiwick.intent import Intent
from bailiwick.packets.header import State
from bailiwick.packets.packet import TCP, UDP
from bailiwick.proof.prove import prove
from bailiwick.workflow import check
from tests.proof.mutations.boundary import Boundary, block_of, element, leases
from tests.proof.mutations.firewall import firewall_mutants
from tests.proof.mutations.mutant import Mutant
from tests.proof.mutations.nft_loader import Loader
from tests.proof.mutations.settings import READ, setting_mutants

EXAMPLES = Path(__file__).parents[3] / "examples"
ASKED, MET, EDGES = 5, 24, 4

Prover = Callable[[Intent, Device], bool]


class Verdict(StrEnum):
    REFUSED = "refused"
    """By nft, or by a reader."""
    SAME = "same"
    """nft and the readers see no change."""
    CAUGHT = "caught"
    """A packet goes another way, and the proof fails."""
    SEEN = "seen"
    """No packet that was walked goes another way, and the proof fails."""
    SILENT = "silent"
    """No packet that was walked goes another way, and the proof holds."""
    MISSED = "missed"
    """A packet goes another way, and the proof holds."""


@dataclass(frozen=True, slots=True)
class Judged:
    mutant: Mutant
    verdict: Verdict
    packet: Header | None = None
    before: Walk | None = None
    after: Walk | None = None
    reason: str = ""

    def __str__(self) -> str:
        shown = [f"{self.verdict}: {self.mutant}"]
        if self.before is not None and self.after is not None:
            shown += [f"  {self.packet}", f"  was {told(self.before)}", f"  now {told(self.after)}"]
        return "\n".join(shown + ([f"  {self.reason}"] if self.reason else []))


def _holds(intent: Intent, device: Device) -> bool:
    return prove(intent, device).holds


class Trial:
    """Of one example. ``size`` is the number of packets to choose from."""

    def __init__(self, example: str, loader: Loader, size: int = 1500, prover: Prover = _holds) -> None:
        checked = check(EXAMPLES / f"{example}.yaml", date(2026, 1, 1))
        tree = checked.trees[0]
        self.intent, self.name = checked.intent, tree.device
        self.texts = {one.path: one.text for one in tree.artifacts}
        self.rules = next(path for path in self.texts if path.endswith("firewall.nft"))
        self._loader, self._prover = loader, prover
        listing, said = loader.load(self.texts[self.rules])
        assert listing is not None, said
        self._listing = listing
        self.device = self._read(self.texts, listing)
        self.boundary = Boundary(self.device, self.texts[self.rules], seed=1, size=size)

    def mutants(self) -> list[Mutant]:
        interfaces = sorted(name for name in self.device.interfaces if name != "lo")
        found = list(firewall_mutants(self.rules, self.texts[self.rules], interfaces))
        for path, text in self.texts.items():
            if READ.search(path):
                found += setting_mutants(path, text, interfaces)
        return found

    def judge(self, mutant: Mutant) -> Judged:
        listing = self._listing
        texts = {**self.texts, mutant.path: mutant.text}
        if mutant.path == self.rules:
            loaded, said = self._loader.load(mutant.text)
            if loaded is None:
                return Judged(mutant, Verdict.REFUSED, reason=said.strip().split("\n")[0])
            if _bare(loaded) == _bare(self._listing):
                return Judged(mutant, Verdict.SAME)
            listing = loaded
        try:
            device = self._read(texts, listing)
        except Unreadable as error:
            return Judged(mutant, Verdict.REFUSED, reason=str(error))
        holds = self._prover(self.intent, device)
        try:
            shown = otherwise(self.boundary.interpreter, device, self._packets(mutant))
        except BrokenRules as error:
            shown, holds = None, False
            return Judged(mutant, Verdict.REFUSED, reason=str(error))
        if shown is None:
            return Judged(mutant, Verdict.SILENT if holds else Verdict.SEEN)
        return Judged(mutant, Verdict.MISSED if holds else Verdict.CAUGHT, *shown)

    def _read(self, texts: Mapping[str, str], listing: str) -> Device:
        places = scan([(self.rules, texts[self.rules])])
        return read_tree(texts, json.loads(listing), self.name, (places,))

    def _packets(self, mutant: Mutant) -> Iterator[Header]:
        """The packets for the rules that a change is about: as they were, as they are, with what changed."""
        boundary, met = self.boundary, list[int]()
        if mutant.path == self.rules:
            old, new = self.texts[self.rules].split("\n"), mutant.text.split("\n")
            kind, name = block_of(old, mutant.number)
            if kind == "chain":
                met.append(mutant.number)
                for line in (old[mutant.number - 1], new[mutant.number - 1]):
                    yield from boundary.for_rule(line, name, ASKED)
            elif kind:
                for number, line in enumerate(old, 1):
                    if re.search(rf"@{re.escape(name)}(?![\w.-])", line):
                        met.append(number)
                        for one in (element(old, mutant.number), element(new, mutant.number)):
                            yield from boundary.for_rule(line, block_of(old, number)[1], ASKED, (name, one))
        else:
            yield from boundary.routed()
        some = boundary.met_by(met, MET if met else 2 * MET)
        yield from some
        for packet in some[:: max(1, len(some) // EDGES)]:
            yield from boundary.edges(packet, mutant.old)
            yield from boundary.edges(packet, mutant.new)


def otherwise(was: Interpreter, device: Device, packets: Iterable[Header]) -> tuple[Header, Walk, Walk] | None:
    """A packet that the changed ``device`` treats otherwise than it was, or whose answer it does."""
    symbols = {None, *leases(device)}  # an address that no file speaks of any more cannot be asked for
    interpreter = Interpreter(device, leases=leases(device))
    for packet in packets:
        if packet.dynamic not in symbols:
            continue
        before = was.walk(packet)
        for after in interpreter.outcomes(packet).walks:
            if differ(before, after):
                return packet, before, after
        after = interpreter.walk(packet)
        if before.accepted and after.accepted and packet.state is State.NEW and packet.protocol in (TCP, UDP):
            before = was.reply(before)
            for back in interpreter.replies(after).walks:
                if seen(before) != seen(back):
                    return packet, before, back
    return None


def differ(before: Walk, after: Walk) -> bool:
    if before.packet.iif is None and before.packet.state is State.INVALID:
        return False  # it may send what it says of a packet that it refused (semantics.md, replies)
    if before.packet.state is not State.NEW and End.UNROUTABLE in (before.end, after.end):
        return False  # nothing says that it comes from where its connection is; ``reply`` asks this of real ones
    return seen(before) != seen(after)


def seen(walk: Walk) -> object:
    """What somebody outside sees of a packet: nothing, or where it comes out and as what."""
    if not walk.accepted:
        return "stopped"
    if walk.packet.iif is None:  # masks are meant for what comes from inside (semantics.md, translation)
        return walk.egress, walk.local, walk.left.destination, walk.left.destination_port
    return walk.egress, walk.local, walk.left.ends


def told(walk: Walk) -> str:
    where = "to the router itself" if walk.local else f"by {walk.egress}"
    way = f" {where} as {walk.left}" if walk.accepted else ""
    return f"{walk.end}{way} ({walk.decided}) {walk.reason}"


def _bare(listing: str) -> str:
    return re.sub(r'"handle": ?\d+', "", listing)
