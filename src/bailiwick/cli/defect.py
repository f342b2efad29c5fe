"""What a person sees when the mistake is ours: one sentence, and a file to send, never a traceback."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from types import TracebackType

from bailiwick import __version__
from bailiwick.cli.status import Status


def report_defect(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Write the details to a file (mode 0600), say where it is, and leave with status 70.

    Meant as ``sys.excepthook``: raising SystemExit there sets the process's status.
    """
    details = "".join(traceback.format_exception(kind, error, trace))
    said = f"bailiwick: this is a defect in bailiwick, not in your file: {kind.__name__}"
    try:
        handle, path = tempfile.mkstemp(prefix="bailiwick-defect-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"bailiwick {__version__}, Python {sys.version}\ncommand: {sys.argv[1:]}\n\n{details}")
        where = f"The details are in {path}; please report it with that file, after a look at what it tells about you."
    except OSError:
        where = f"The details could not be written to a file; in short: {error}"
    sys.stderr.write(f"{said}\n{where}\n")
    raise SystemExit(int(Status.DEFECT))
