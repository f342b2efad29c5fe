"""Damaged files are answered or refused in words, never with a traceback."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bailiwick.workflow.auditing import Question, Unusable, audit_files
from tests.dataplane.routeros.exports import ARTICLE

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
FILES = [ARTICLE, *(HERE / f"article-{name}.txt" for name in ("iptables-save", "ip-addr", "ip-route"))]
COUNT = 40


def damaged(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, chance.choice(lines))
            case 2:
                lines[at] = lines[at][: chance.randint(0, len(lines[at]))]
            case 3:
                words = lines[at].split(" ")
                chance.shuffle(words)
                lines[at] = " ".join(words)
            case 4:
                place = chance.randint(0, len(lines[at]))
                lines[at] = (
                    lines[at][:place] + chance.choice(["!", '"', "=", " -j ", "999", "\\", "é"]) + lines[at][place:]
                )
            case _:
                lines = lines[: at + 1]
        lines = lines or [""]
    return "\n".join(lines)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.deep), pytest.param(2, marks=pytest.mark.deep)])
def test_damaged_files(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    answered = 0
    for number in range(COUNT):
        some = [FILES[0]] if chance.random() < 0.5 else FILES[1 : chance.randint(2, 4)]
        paths = []
        for original in some:
            path = tmp_path / f"{number}-{original.name}"
            path.write_text(damaged(original.read_text(), chance), encoding="utf-8")
            paths.append(path)
        try:
            found = audit_files(paths, Question())
        except Unusable:
            continue
        answered += 1
        assert all(tally.adds_up for one in found for _, tally in one.loaded.files)
        assert not [defect for one in found for defect in one.audit.defects], paths
    assert answered > COUNT // 2
