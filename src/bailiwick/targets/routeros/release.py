"""The release of RouterOS that the home file declares, for what is spelt otherwise in the next."""

from __future__ import annotations


def release(platform: str) -> int:
    """20 for ``routeros-7.20``."""
    return int(platform.rpartition(".")[2])
