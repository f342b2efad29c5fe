"""``kill -9`` of the writer at its system calls, and calls that the disk refuses: nothing is ever torn.

The signal comes as the call is entered, which then does not happen (ptrace(2)). Between two calls that change the disk
it looks the same, so that one kill at each of those is a kill at every moment.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.agent.store.tracing import Call, Trace, changing, injected
from tests.agent.store.wholeness import go_on, judge

pytestmark = [pytest.mark.real, pytest.mark.slow]

Copied = Callable[[], Path]


def killed(calls: Iterable[Call], again: Copied) -> list[int]:
    """The confirmed generation after a kill at each."""
    found: list[int] = []
    for call in calls:
        root = again()
        ended = injected(root, call, "signal=SIGKILL")
        assert ended.returncode == 128 + signal.SIGKILL or ended.returncode == -signal.SIGKILL, (call, ended)
        found.append(judge(root))
        go_on(root)
    return found


def test_a_kill_leaves_the_whole_old_or_the_whole_new(traced: Trace, again: Copied) -> None:
    calls = changing(traced.calls)
    assert len(calls) > 100

    found = killed([*calls[:: len(calls) // 12], calls[-1]], again)

    assert set(found) == {1, 2}
    assert found == sorted(found)


@pytest.mark.deep
def test_a_kill_at_any_change_leaves_the_whole_old_or_the_whole_new(traced: Trace, again: Copied) -> None:
    found = killed(changing(traced.calls), again)

    assert set(found) == {1, 2}
    assert found == sorted(found)


@pytest.mark.deep
def test_a_kill_between_changes_is_no_different(traced: Trace, again: Copied) -> None:
    assert killed(traced.calls[::29], again)


def refusals(calls: tuple[Call, ...]) -> list[tuple[Call, str]]:
    """Each call with what a disk may answer it: full, gone bad, read-only."""
    answers = {"fsync": ["EIO"], "write": ["ENOSPC", "EIO"], "pwrite64": ["ENOSPC"], "unlinkat": ["EROFS", "EIO"]}
    return [(call, error) for call in calls for error in answers.get(call.name, ["ENOSPC", "EROFS"])]


def refused(cases: Iterable[tuple[Call, str]], again: Copied) -> None:
    for call, error in cases:
        root = again()
        ended = injected(root, call, f"error={error}")
        assert "Traceback" not in ended.stderr, (call, error, ended.stderr)
        assert ended.returncode in (0, 3), (call, error, ended)
        if ended.returncode == 3:
            assert ended.stdout.count("\n") == 1, ended.stdout
        judge(root)
        go_on(root)


def test_what_the_disk_refuses_leaves_the_whole_old_or_the_whole_new(traced: Trace, again: Copied) -> None:
    cases = refusals(changing(traced.calls))
    refused(cases[:: len(cases) // 15], again)


@pytest.mark.deep
def test_whatever_the_disk_refuses_leaves_the_whole_old_or_the_whole_new(traced: Trace, again: Copied) -> None:
    refused(refusals(changing(traced.calls)), again)
