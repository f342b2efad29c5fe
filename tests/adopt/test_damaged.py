"""Exports with lines lost, doubled and cut: refused in words, or adopted without opening a way between two networks."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bailiwick.network.model import Place
from bailiwick.workflow.adopting import NoHome, Unusable, adopt_files
from tests.adopt.golden import TODAY
from tests.cases.blocks import input_files

CASES = Path(__file__).parents[1] / "cases" / "adopt"
NAMES = ("flat-home", "vlan-home", "doors", "tunnel", "linux-nft")


def damaged(chance: random.Random, text: str) -> str:
    lines = text.split("\n")
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(lines))
        deed = chance.random()
        if deed < 0.5 and len(lines) > 1:
            del lines[at]
        elif deed < 0.75:
            words = lines[at].split(" ")
            del words[chance.randrange(len(words))]
            lines[at] = " ".join(words)
        elif deed < 0.9:
            lines.insert(at, chance.choice(lines))
        else:
            lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
    return "\n".join(lines)


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_no_damage_opens_a_way_or_breaks_the_program(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    compared = 0
    for name in NAMES:
        files = input_files((CASES / f"{name}.md").read_text(encoding="utf-8"))
        hurt = chance.choice(list(files))
        files[hurt] = damaged(chance, files[hurt])
        for file, text in files.items():
            (tmp_path / file).write_text(text, encoding="utf-8")
        try:
            adoption = adopt_files([tmp_path / file for file in files], "home.yaml", TODAY)
        except (Unusable, NoHome) as error:
            assert str(error).endswith(".")
            continue
        if adoption.comparison is None:
            assert {one.code for one in adoption.problems} <= {"zone-unwired"}
            continue
        compared += 1
        for change in adoption.comparison.allowed:
            # By sentences alone, the device's own addresses are more at most: what it translates away itself.
            asked = bool(change.meant) and all(" -> " in one.text for one in change.meant)
            assert not asked or change.egress == Place.ROUTER, (name, change)
    assert compared
