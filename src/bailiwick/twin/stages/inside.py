"""The first process on the stage: reads a script from its standard input, acts it out, writes what it saw."""

from __future__ import annotations

import pickle
import sys
import time

from bailiwick.twin.scene.namespaces import CommandFailed
from bailiwick.twin.script import Script
from bailiwick.twin.stages.acting import act


def main() -> int:
    """Exit status 3: the world is wrong; one line on stderr says how."""
    began = time.monotonic()
    script: Script = pickle.load(sys.stdin.buffer)
    try:
        seen = act(script, began)
    except (CommandFailed, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 3
    sys.stdout.buffer.write(pickle.dumps(seen))
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
