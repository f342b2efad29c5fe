"""Boxes for tests, and a skip with a reason where there can be none."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from bailiwick.twin.stages.contained.box import check
from bailiwick.twin.stages.contained.root import debian
from bailiwick.twin.stages.machine.cache import cache_directory
from bailiwick.twin.stages.namespaces import StageError


@cache
def _made(platform: str) -> Path | str:
    try:
        check()
        return debian(cache_directory(), platform)
    except StageError as error:
        return str(error)


def root_of(platform: str = "debian-12") -> Path:
    """The Debian of that platform; skips the test where it cannot be booted."""
    made = _made(platform)
    if isinstance(made, str):
        pytest.skip(made)
    return made
