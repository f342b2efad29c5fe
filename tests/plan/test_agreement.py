"""Plan and intent carry out the same page on their own, and must accept the same packets."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest

from bailiwick.intent import mean
from bailiwick.language import Document, load
from bailiwick.network import resolve
from bailiwick.plan import make_plan
from tests.plan.evaluate import Evaluator
from tests.plan.packets import Edges

EXAMPLES = Path(__file__).parents[2] / "examples"


def disagreements(document: Document, seed: int, count: int) -> list[str]:
    network = resolve(document, date(2026, 6, 1)).network
    plan, intent = make_plan(network), mean(network)
    evaluator = Evaluator(plan)
    found = []
    for drawn in Edges(network, plan, intent).draw(Random(seed), count):
        packet = evaluator.landed(drawn)
        if evaluator.possible(packet):
            planned, meant = evaluator.accepts(packet), intent.accepts(evaluator.asked(packet))
            if bool(planned) != bool(meant):
                found.append(f"{packet}: planned {planned}, meant {[m.id for m in meant]}")
    return found


@pytest.mark.parametrize("name", ["one-router", "public-apps"])
def test_the_examples_are_planned_as_they_are_meant(name: str) -> None:
    assert disagreements(load(EXAMPLES / f"{name}.yaml"), 1, 5000) == []
