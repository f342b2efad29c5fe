"""A power cut after every change of the writer, with whatever was not brought to the disk lost, kept, or half there."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import pytest

from tests.agent.store.disk import Disk, Inode, given, listed, taken
from tests.agent.store.tracing import Call, Trace, changing
from tests.agent.store.wholeness import go_on, judge

pytestmark = [pytest.mark.real, pytest.mark.slow]

Choice = tuple[frozenset[int], int | None]
"""Which of the pending pieces are there, and which of them only half."""


def some(count: int) -> Iterator[Choice]:
    """Nothing, all, each alone, all but each."""
    every = frozenset(range(count))
    yield frozenset(), None
    yield every, None
    for one in every:
        yield frozenset({one}), None
        yield every - {one}, None
        yield frozenset({one}), one
        yield every, one


def many(count: int) -> Iterator[Choice]:
    """All of them, where they are few; else those of ``some``, each two, all but two, and a hundred thrown."""
    yield from some(count)
    every = range(count)
    if count <= 7:
        for size in range(count + 1):
            yield from ((frozenset(kept), None) for kept in combinations(every, size))
        return
    for two in combinations(every, 2):
        yield frozenset(two), None
        yield frozenset(every) - frozenset(two), None
    dice = random.Random(count)
    for _ in range(100):
        kept = [one for one in every if dice.random() < 0.5]
        yield frozenset(kept), dice.choice(kept) if kept else None


def left(prepared: Path, trace: Trace, choices: Callable[[int], Iterator[Choice]]) -> Iterator[tuple[Call, Inode]]:
    """Every disk that a power cut may leave, each once, with the call after which it was cut."""
    disk = Disk(taken(prepared), str(trace.root))
    seen: set[frozenset[tuple[str, tuple[str, int, bytes]]]] = set()
    changes = set(changing(trace.calls))
    for call in trace.calls:
        disk.play(call)
        if call not in changes:
            continue
        for kept, torn in choices(len(disk.pending)):
            state = disk.after(kept, torn)
            key = frozenset(listed(state).items())
            if key not in seen:
                seen.add(key)
                yield call, state


def cut(prepared: Path, trace: Trace, folder: Path, choices: Callable[[int], Iterator[Choice]], each: int) -> list[int]:
    """The confirmed generation on each disk that is left; every ``each``-th goes on being used."""
    found: list[int] = []
    for number, (call, state) in enumerate(left(prepared, trace, choices)):
        root = folder / "cut"
        given(state, root)
        try:
            found.append(judge(root))
            if number % each == 0:
                go_on(root)
        except Exception as failure:  # whatever it is, the place where the power was cut is told beside it
            raise AssertionError(f"cut after {call}: {sorted(listed(state))}") from failure
        shutil.rmtree(root)
    return found


def test_the_model_of_the_disk_ends_where_the_disk_does(prepared: Path, traced: Trace) -> None:
    disk = Disk(taken(prepared), str(traced.root))
    for call in traced.calls:
        disk.play(call)

    assert listed(disk.after(range(len(disk.pending)))) == listed(taken(traced.root))
    assert len(traced.calls) > 1000


def test_a_power_cut_leaves_the_whole_old_or_the_whole_new(prepared: Path, traced: Trace, tmp_path: Path) -> None:
    found = cut(prepared, traced, tmp_path, many, each=10)

    assert set(found) == {1, 2}
    assert len(found) > 70


@pytest.mark.parametrize("forgotten", ["files and directories", "directories"])
def test_a_writer_that_forgets_an_fsync_is_found_out(
    prepared: Path, traced: Trace, tmp_path: Path, forgotten: str
) -> None:
    """The judge can see: the same calls without their fsyncs, and without those of directories, do leave torn disks."""
    lost = [call for call in traced.calls if call.name == "fsync"]
    if forgotten == "directories":
        lost = [call for call in lost if call in traced.synced_directories()]
    careless = Trace(traced.root, tuple(call for call in traced.calls if call not in set(lost)))
    assert lost

    with pytest.raises(AssertionError, match="cut after"):
        cut(prepared, careless, tmp_path, some, each=10**9)
