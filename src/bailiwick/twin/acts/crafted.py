"""All that is made by hand, thrown at once: one wait for every kind of trick."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.twin.acts.broadcasts import broadcasts
from bailiwick.twin.acts.captures import captures
from bailiwick.twin.acts.casts import checks_of, models_of, throw
from bailiwick.twin.acts.fragments import fragments
from bailiwick.twin.acts.headers import headers
from bailiwick.twin.acts.neighbours import believed, neighbours
from bailiwick.twin.acts.replies import replies
from bailiwick.twin.acts.rogues import left_to_others, rogues
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.acts.tags import places_of
from bailiwick.twin.result import Check


def crafted(stage: Stage) -> Iterator[Check]:
    """One check for each kind of trick and each place that it is played from."""
    layout, network, macs = stage.layout, stage.network, stage.router.macs()
    models = models_of(stage.script.probes, stage.sightings, layout, macs)
    casts = [
        *fragments(models),
        *headers(models),
        *replies(models, layout, macs, 3 * stage.patience),
        *broadcasts(network, layout, macs),
        *neighbours(network, layout, macs),
        *rogues(network, stage.plan, layout),
        *captures(network, stage.script.scans, layout, macs),
    ]
    yield from checks_of(throw(casts, layout, stage.patience))
    yield believed(layout, places_of(stage.plan))
    yield from left_to_others(network, stage.plan, layout)
