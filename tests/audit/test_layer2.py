"""Findings about bridges: damaged exports are answered, and every frame that is shown does what is said of it."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from bailiwick.dataplane.routeros import ExportError, read_export
from bailiwick.proof.audit.audit import audit
from bailiwick.proof.audit.layer2 import Layer2
from tests.cases.blocks import input_files
from tests.dataplane.routeros.exports import ARTICLE

CASES = Path(__file__).parents[1] / "cases" / "audit"
TEXTS = [
    text
    for path in sorted(CASES.glob("*.md"))
    for name, text in input_files(path.read_text(encoding="utf-8")).items()
    if name.endswith(".rsc") and "/interface bridge" in text
]
_FRAME = re.compile(r"a frame by (\S+) (?:without a tag|tagged (\d+)):")


def damaged(text: str, chance: random.Random) -> str:
    """Lines about bridges and VLANs taken away, written twice, or with another line's words in them."""
    lines = text.splitlines()
    for _ in range(chance.randint(1, 5)):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(3):
            case 0:
                lines[at] = "#"
            case 1:
                lines.insert(at, lines[other])
            case _:
                words, more = lines[at].split(" "), lines[other].split(" ")
                words[chance.randrange(len(words))] = chance.choice(more)
                lines[at] = " ".join(words)
    return "\n".join(lines) + "\n"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.deep) for n in range(1, 6))])
def test_damaged_bridges_are_answered_and_frames_do_what_is_said(seed: int) -> None:
    chance = random.Random(seed)
    shown = 0
    for _ in range(25):
        text = damaged(chance.choice(TEXTS), chance)
        try:
            device = read_export(text, "router.rsc", "router")
        except ExportError:
            continue
        layer = Layer2(device)
        found = audit(device, "routeros", frozenset({4}))
        assert not found.defects
        for one in found.findings:
            if frame := _FRAME.match(one.witness):
                tags = [int(frame[2])] if frame[2] else []
                assert one.witness == str(layer.frame(frame[1], *tags))
                shown += 1
    assert shown > 5


def test_there_are_exports_to_damage() -> None:
    assert len(TEXTS) > 20


def test_nothing_is_said_of_a_bridge_of_linux() -> None:
    device = read_export(ARTICLE.read_text(), "router.rsc")
    found = {one.code for one in audit(device, "routeros", frozenset({4})).findings}
    other = type(device)(device.name, "linux", device.interfaces, device.tables, device.routing, device.settings)
    assert "no-rescue-port" in found
    assert "no-rescue-port" not in {one.code for one in audit(other, "nft", frozenset({4})).findings}
