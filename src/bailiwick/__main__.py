"""``bailiwick``, and ``python -m bailiwick``: the command line, and Ctrl-C at any moment of it."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn

INTERRUPTED = 130
"""As ``bailiwick.cli.status``, which need not have been read yet when somebody interrupts."""


def main() -> NoReturn:
    """Run the command line and exit."""
    try:
        from bailiwick.cli.streams import hold  # noqa: PLC0415 - reading it can be interrupted too

        hold()  # before anything else is opened
        from bailiwick.cli.main import main as run  # noqa: PLC0415

        run()
    except KeyboardInterrupt:
        _leave("interrupted")
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            _leave()
        raise


def _leave(*words: str) -> NoReturn:
    """At once, whoever presses Ctrl-C again. What is Python's own to do at its end is left out: it would end by the
    signal, whatever status was asked for, where the first one came while it read code from text, as dataclasses do
    (CPython, Python/pythonrun.c run_eval_code_obj and Modules/main.c Py_RunMain)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):  # nobody reads any more: then there is nobody to tell
        for word in words:
            sys.stderr.write(f"{word}\n")
        sys.stderr.flush()
        sys.stdout.flush()
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
