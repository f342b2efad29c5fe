"""Packets that went otherwise than meant, sent once more: each wire recorded, each rule named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from bailiwick.dataplane.unreadable import Unreadable
from bailiwick.twin.acts.deciding import decision, foreteller_of, taken
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.refutation import blamed, unread
from bailiwick.twin.result import Check, Followed
from bailiwick.twin.scene.namespaces import CommandFailed
from bailiwick.twin.script import Probe
from bailiwick.twin.verdicts import observation, surprising
from bailiwick.twin.wire.recorder import Recorded, Recorder
from bailiwick.twin.wire.trace import forget_connections

MOST = 200


def contrary(stage: Stage) -> list[Probe]:
    """One packet for each sentence, pair of places and fate that are not as they were meant; at most ``MOST``."""
    chosen: dict[tuple[object, ...], Probe] = {}
    for probe in stage.script.probes:
        if not surprising(probe, stage.sightings[probe.serial], stage.layout):
            continue
        one = observation(probe, stage.sightings[probe.serial], stage.layout)
        if one.differs:
            chosen.setdefault((one.claims, one.packet.ingress, one.packet.egress, one.seen, one.wrong), probe)
    return list(chosen.values())[:MOST]


def follow(stage: Stage) -> Iterator[Check]:
    """No check of its own: the stage keeps what was recorded of each packet, for whom it refutes."""
    wrong = contrary(stage)
    if not wrong:
        return
    frames: defaultdict[int, list[Recorded]] = defaultdict(list)
    forget_connections()
    with Recorder(stage.layout) as recorder:

        def keep() -> None:
            for one in recorder.frames():
                if (serial := one.serial) is not None:
                    frames[serial].append(one)

        paths, lost = taken(stage, wrong, keep)
    forget_connections()
    try:
        foreteller = foreteller_of(stage)
    except (CommandFailed, Unreadable) as error:
        lines, why = unread(stage.script.tree, str(error))
        stage.followed += [
            Followed(one.serial, one.station, lines=lines, why=why, frames=tuple(frames[one.serial])) for one in wrong
        ]
        return
    for probe in wrong:
        seen = observation(probe, stage.sightings[probe.serial], stage.layout)
        took = paths.get(probe.serial)
        decided = decision(foreteller, probe, took, lost=lost)
        blame = blamed(foreteller, probe, seen, took)
        stage.followed.append(
            Followed(
                serial=probe.serial,
                station=probe.station,
                foretold=decided.foretold,
                took=decided.took,
                agrees=decided.agrees,
                lines=blame.lines,
                why=blame.why,
                frames=tuple(frames[probe.serial]),
            )
        )
    yield from ()
