from __future__ import annotations

from pathlib import Path

import pytest

from tests.agent.course.fake import Fake, fake


@pytest.fixture
def machine(tmp_path: Path) -> Fake:
    return fake(tmp_path)
