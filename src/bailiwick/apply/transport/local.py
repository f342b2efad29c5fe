"""The device is this machine."""

from __future__ import annotations

from collections.abc import Sequence

from bailiwick.apply.transport.way import Ended, as_root, not_permitted

LOCAL = "local"


class Local:
    """Runs as root where we are, else by ``sudo -n``."""

    name = LOCAL

    def argv(self, words: Sequence[str], fresh: bool) -> tuple[str, ...]:  # noqa: ARG002 - every process is new
        """A shell, as over ssh: one way to become root."""
        return ("sh", "-c", as_root(words))

    def failure(self, ended: Ended) -> Exception | None:
        return not_permitted("this machine", ended)
