"""By the system's ssh, with the user's own configuration and agent; one process for each command.

What ssh refuses is told by its messages, which are not translated (OpenSSH knows no locales); the options are those of
ssh_config(5).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bailiwick.apply.transport.way import BadAddress, Cut, Ended, Unreachable, as_root, not_permitted

FAILED = 255
"""ssh's own failures (ssh(1), EXIT STATUS)."""
ALIVE = ("-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3", "-o", "ConnectTimeout=10")
PLAIN = ("-T", "-x", "-a", "-o", "ClearAllForwardings=yes", "-o", "RemoteCommand=none")
"""No terminal, no forwarded display, agent or port: the device is given a command and nothing else."""
FRESH = ("-o", "ControlMaster=no", "-o", "ControlPath=none")

_REFUSALS = (
    (
        r"REMOTE HOST IDENTIFICATION HAS CHANGED",
        "The host key of {name} is another than the one you know: nothing was sent. If the machine was set up anew, "
        "`ssh-keygen -R {host}` forgets the old key; if not, somebody may stand between.",
    ),
    (
        r"Host key verification failed",
        "The host key of {name} is not known yet: run `ssh {host}` once, and compare the key.",
    ),
    (r"Could not resolve hostname", "ssh knows no host {name}: name it with --to, or in ~/.ssh/config."),
    (
        r"Permission denied|Too many authentication failures|No supported authentication",
        "{name} does not let this user in with any of the keys that ssh has: try `ssh {host}`.",
    ),
    (r"Connection refused", "{name} answers, but nothing listens for ssh there."),
    (r"timed out|No route to host|Network is unreachable", "{name} cannot be reached from here."),
    (r"Bad owner or permissions|Bad configuration option|terminating, \d+ bad config", "ssh: {errors}"),
)


class Ssh:
    """``address`` as ssh takes it: a name of its configuration, ``user@host``, ``ssh://user@host:port``."""

    def __init__(self, address: str, config: Path | None = None, interactive: bool = False) -> None:
        """Raises BadAddress."""
        if not address or address.startswith("-") or re.search(r"[\s\x00-\x1f\x7f]", address):
            raise BadAddress(f"{address!r} is no address that ssh could go to.")
        self.name = address
        self._config = config
        self._interactive = interactive

    def argv(self, words: Sequence[str], fresh: bool) -> tuple[str, ...]:
        config = ("-F", str(self._config)) if self._config else ()
        batch = () if self._interactive else ("-o", "BatchMode=yes")
        own = FRESH if fresh else ()
        return ("ssh", *config, *own, *batch, *ALIVE, *PLAIN, "--", self.name, as_root(words))

    def failure(self, ended: Ended) -> Exception | None:
        if ended.status != FAILED:
            return not_permitted(self.name, ended)
        errors = " ".join(ended.errors.split())
        for pattern, sentence in _REFUSALS:
            if not ended.lines and re.search(pattern, errors):
                return Unreachable(sentence.format(name=self.name, host=self.name, errors=errors[-200:]))
        return Cut(f"The connection to {self.name} was cut" + (f" ({errors[-160:]})." if errors else "."))
