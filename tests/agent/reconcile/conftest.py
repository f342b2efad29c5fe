from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.agent.reconcile.lab import Lab


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Needs root."""
    if os.geteuid():
        pytest.skip("only root may make these namespaces")
    made = Lab(tmp_path_factory.mktemp("lab"))
    yield made
    made.close()


@pytest.fixture
def lab(standing: Lab) -> Iterator[Lab]:
    """Empty again for each test."""
    yield standing
    standing.clear()
