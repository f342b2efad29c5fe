"""The commands in a document's ``console`` blocks, run for real, and what they print.

``python -m tests.cli.sessions FILE…`` writes what they print now into the documents.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"```console\n(.*?)```", re.S)
WIDTH = "110"


def replayed(document: str) -> str:
    """The document as it would be if it showed what the commands print now; they share one directory, in order."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "examples", Path(folder) / "examples")
        (Path(folder) / "build").mkdir()
        return BLOCK.sub(lambda found: f"```console\n{_block(found[1], folder)}```", document)


def _block(text: str, folder: str) -> str:
    commands = [line[2:] for line in text.splitlines() if line.startswith("$ ")]
    return "\n".join(f"$ {command}\n{_run(command, folder)}" for command in commands)


def _run(command: str, folder: str) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", f"{command} 2>&1"],
        cwd=folder,
        env={"PATH": path, "LC_ALL": "C.UTF-8", "COLUMNS": WIDTH, "HOME": folder},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=120,
    )
    shown = "" if command.startswith("bailiwick build") else done.stdout
    lines = [line.rstrip() for line in shown.splitlines()]
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        page = Path(name)
        page.write_text(replayed(page.read_text(encoding="utf-8")), encoding="utf-8")
