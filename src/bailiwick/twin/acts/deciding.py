"""The rule that decides counts: what the kernel took for each of a few packets, beside what the files foretell."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from bailiwick.claims.wording import packet_words, place_words
from bailiwick.dataplane.interpreter import End
from bailiwick.dataplane.unreadable import Unreadable
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.foretelling import Foreteller, Stop, path_of
from bailiwick.twin.layout import ROUTER
from bailiwick.twin.loaded.written import listing, written
from bailiwick.twin.result import Check, Decision
from bailiwick.twin.scene.namespaces import CommandFailed, run_in
from bailiwick.twin.script import Probe
from bailiwick.twin.wire.trace import Met, Tracing, forget_connections, handles

AT_ONCE = 16
"""Packets sent between two looks: what the kernel tells of them fits the smallest socket buffer."""
AT_MOST = 2.0
"""Seconds after the last packet within which the kernel has said something of each."""
SETTLE = 0.1
"""Seconds after that within which it has told everything."""
SHOWN = 3
FORETOLD = "those that the files foretell"
Paths = Mapping[int, tuple[Stop, ...]]


def decide(stage: Stage) -> Iterator[Check]:
    """One check for each place that packets of the sample come from; the stage keeps each packet's decision."""
    wanted = set(stage.script.sample)
    sample = [probe for probe in stage.script.probes if probe.serial in wanted]
    if not sample:
        return
    try:
        foreteller = foreteller_of(stage)
    except (CommandFailed, Unreadable) as error:
        yield Check("the rules that decide", FORETOLD, f"the files cannot be read: {error}", None)
        return
    forget_connections()
    paths, lost = taken(stage, sample)
    forget_connections()
    by_place: dict[str, list[Decision]] = defaultdict(list)
    for probe in sample:
        by_place[probe.packet.ingress].append(decision(foreteller, probe, paths.get(probe.serial), lost=lost))
    for place, those in by_place.items():
        stage.decisions += those
        yield _check(place, those)


def foreteller_of(stage: Stage) -> Foreteller:
    """Made once for a stage. Raises CommandFailed and Unreadable."""
    if stage.foreteller is None:
        device = written(stage.script.tree, listing(stage.script.tree), stage.layout.lines)
        stage.foreteller = Foreteller(device, stage.script.tree, stage.plan, stage.layout)
    return stage.foreteller


def taken(stage: Stage, sample: Sequence[Probe], between: Callable[[], None] = lambda: None) -> tuple[Paths, bool]:
    """What the kernel took for each, by serial, and whether some of its words were lost; ``between`` is called
    after every few packets. Raises CommandFailed."""
    with Tracing() as tracing:
        for start in range(0, len(sample), AT_ONCE):
            stage.prober.send(sample[start : start + AT_ONCE], 0)
            tracing.listen(0)
            between()
        asked = {probe.serial for probe in sample}
        tracing.listen(AT_MOST, lambda: not asked <= tracing.reading.paths.keys())
        tracing.listen(SETTLE)
        between()
    known = handles(json.loads(run_in(ROUTER, "nft", "-a", "-j", "list", "ruleset"))["nftables"])
    paths = {serial: tuple(_stop(met, known) for met in path) for serial, path in tracing.reading.paths.items()}
    return paths, tracing.lost


def _stop(met: Met, known: Mapping[Met, int]) -> Stop:
    return Stop(met.table, met.chain, known[met] if met.handle else -1)


def decision(foreteller: Foreteller, probe: Probe, took: tuple[Stop, ...] | None, *, lost: bool) -> Decision:
    """The two paths held against each other; where they part, the first rule of each that the other has not."""
    walk = foreteller.walk(probe)
    foretold = path_of(walk)
    words = foreteller.decided_words(walk)
    if walk.end is End.UNKNOWN:
        return Decision(probe.packet, words, f"cannot be foretold: {walk.reason}", None)
    if took is None:
        return Decision(probe.packet, words, "the kernel said nothing of it", None)
    if took == foretold:
        return Decision(probe.packet, words, words, True)
    parted = next((at for at, pair in enumerate(zip(took, foretold, strict=False)) if pair[0] != pair[1]), None)
    at = min(len(took), len(foretold)) if parted is None else parted
    said = [foreteller.words(path[at]) if at < len(path) else "no further rule" for path in (foretold, took)]
    return Decision(probe.packet, said[0], said[1], None if lost else False)


def _check(place: str, those: Sequence[Decision]) -> Check:
    wrong = [one for one in those if one.agrees is False]
    agreed = sum(one.agrees is True for one in those)
    seen = f"{agreed} of {len(those)} packets"
    if wrong:
        shown = (f"{packet_words(one.packet)}: {one.took} instead of {one.foretold}" for one in wrong[:SHOWN])
        seen += f"; {'; '.join(shown)}"
    return Check(
        subject=f"the rules that decide what comes from {place_words(place)}",
        expected=FORETOLD,
        seen=seen,
        holds=False if wrong else True if agreed else None,
    )
