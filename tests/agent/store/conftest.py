from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bailiwick.agent.places import Places
from tests.agent.store import tracing, writer


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A device on which generation 1 is confirmed; not to be changed."""
    root = tmp_path_factory.mktemp("prepared") / "root"
    root.mkdir()
    writer.first(Places(root))
    return root


@pytest.fixture
def again(prepared: Path, tmp_path: Path) -> Callable[[], Path]:
    """A fresh copy of it each time."""
    count = iter(range(10**6))

    def copied() -> Path:
        return Path(shutil.copytree(prepared, tmp_path / str(next(count)) / "root", symlinks=True))

    return copied


@pytest.fixture(scope="session")
def traced(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> tracing.Trace:
    """Every system call of one apply, as deep below / as the copies: each directory on the way is a call."""
    root = Path(shutil.copytree(prepared, tmp_path_factory.mktemp("traced") / "0" / "root", symlinks=True))
    return tracing.calls(root)
