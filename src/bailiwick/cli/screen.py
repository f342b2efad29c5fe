"""The terminal that we print on."""

from __future__ import annotations

import shutil
import sys

from bailiwick.cli.answer import wants_color
from bailiwick.report.terminal import Terminal

PIPE_WIDTH = 120


def screen() -> Terminal:
    """COLUMNS and the terminal's own size count; a pipe is given ``PIPE_WIDTH`` columns."""
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    width = shutil.get_terminal_size((PIPE_WIDTH, 40)).columns
    return Terminal(width=max(width, 20), color=wants_color(sys.stdout), unicode=encoding.startswith("utf"))
