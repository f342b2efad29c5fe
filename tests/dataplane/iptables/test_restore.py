"""Held against iptables itself: what it takes, what it prints of it, and that both mean the same to the reader."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bailiwick.dataplane.iptables import read
from bailiwick.dataplane.rules import Among, Note, Rule, Unknown
from bailiwick.dataplane.tally import Line
from bailiwick.packets.interval import EVERY_PORT
from tests.dataplane.iptables.dumps import Writer

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="numbers of users (-m owner) and legacy iptables' tables are root's"),
]


def tool(family: int, kind: str) -> str:
    return f"ip{'6' if family == 6 else ''}tables-{kind}"


def alone(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A shell in a network namespace of its own."""
    environment = {**os.environ, "XTABLES_LOCKFILE": str(folder / "lock")}
    return subprocess.run(
        ["unshare", "-n", "sh", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def meaning(thing: Any) -> Any:
    """What was read, without where it stood; of a test that nobody can decide just that it is one."""
    if isinstance(thing, Line):
        return None
    if isinstance(thing, Unknown) and not thing.steady:
        return Unknown("")
    if isinstance(thing, Note):
        return Note(thing.text.split(" ")[0])
    if isinstance(thing, Among) and thing.field.endswith("port") and thing.negated:
        # iptables-nft prints `! :80` as `81:65535`.
        return meaning(Among(thing.field, EVERY_PORT - thing.values))
    if isinstance(thing, Rule):
        steps = (step for step in thing.steps if not (isinstance(step, Among) and step.values == EVERY_PORT))
        return Rule(tuple(meaning(step) for step in steps), Line("", 0), thing.remark)
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        fields = {field.name: meaning(getattr(thing, field.name)) for field in dataclasses.fields(thing)}
        return type(thing), fields
    if isinstance(thing, dict):
        return [meaning(value) for _, value in sorted(thing.items()) if not made(value.name)]
    if isinstance(thing, tuple):
        return tuple(meaning(one) for one in thing)
    return "a chain of bits" if isinstance(thing, str) and made(thing) else thing


def made(name: str) -> bool:
    """The name of a chain that says in rules what a mark becomes: it has the line in it."""
    return " line " in name


@pytest.mark.parametrize("kind", ["legacy", "nft"])
@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(n, marks=pytest.mark.deep) for n in range(6, 300))])
def test_what_iptables_prints_of_our_rules_reads_like_our_rules(
    seed: int, family: int, kind: str, tmp_path: Path
) -> None:
    if shutil.which(tool(family, f"{kind}-restore")) is None or shutil.which("unshare") is None:
        pytest.skip(f"{tool(family, f'{kind}-restore')} is not installed")
    written = Writer(Random(seed), family).dump()
    (tmp_path / "rules").write_text(written)
    done = alone(
        f"{tool(family, f'{kind}-restore')} --test rules && {tool(family, f'{kind}-restore')} rules"
        f" && {tool(family, f'{kind}-save')}",
        tmp_path,
    )
    assert done.returncode == 0, f"{done.stderr}\n{written}"
    ours = {table.name: table for table in read(written).tables}
    printed = read(done.stdout)
    theirs = {table.name: table for table in printed.tables}
    assert not set(ours) - set(theirs)
    for name, table in ours.items():
        for chain in table.chains.values():
            if made(chain.name):
                continue
            assert [meaning(rule) for rule in theirs[name].chains[chain.name].rules] == [
                meaning(rule) for rule in chain.rules
            ], chain.name
            assert theirs[name].chains[chain.name].hook == chain.hook
    assert printed.tally.adds_up
