"""A host that is no longer its owner's, and how far it came: each pair beside what its blast radius claims."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.aim.steps import Step
from bailiwick.twin.result import Check, Fate
from bailiwick.twin.verdicts import observation

SUBJECT = "an owned host: "
"""What the subjects of these checks begin with."""


def owned(stage: Stage) -> Iterator[Check]:
    """One check for each pair. Inconclusive where no packet of it was tried, or none was seen to enter the router."""
    probes = {probe.serial: probe for probe in stage.script.probes}
    for step in stage.script.steps:
        fates = [
            observation(probes[serial], stage.sightings[serial], stage.layout).seen
            for serial in step.serials
            if serial in probes
        ]
        yield check_of(step, fates)


def check_of(step: Step, fates: list[Fate]) -> Check:
    """What arrives reaches, and what strays got through too, only not where it was sent to."""
    tried = [fate for fate in fates if fate is not Fate.LOST]
    came = sum(fate in (Fate.ARRIVED, Fate.STRAYED) for fate in tried)
    expected = f"reached ({', '.join(step.services)})" if step.claimed else "not reached"
    seen = f"{'reached' if came else 'not reached'}, {came} of {len(tried)} packets arrived"
    holds = (came > 0) is step.claimed if tried else None
    return Check(f"{SUBJECT}{step.target}, from {step.origin}", expected, seen if tried else "not tried", holds)
