from __future__ import annotations

import os
import subprocess
import sys

from tests.dataplane.routeros.exports import ARTICLE


def test_the_same_text_gives_the_same_device_whatever_the_hash_seed() -> None:
    code = "import sys; from bailiwick.dataplane.routeros import read_export; print(read_export(sys.stdin.read(), 'x'))"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=ARTICLE.read_text(),
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(seen) == 1
