"""Small generations to write down."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from bailiwick.agent.model import File, Generation

SMALL = {"/etc/bailiwick/firewall.nft": b"table inet bailiwick {\n}\n", "/etc/sysctl.d/60-x.conf": b"net.x = 1\n"}


def made(contents: Mapping[str, bytes], owner: str = "root:root", mode: int = 0o644, source: str = "") -> Generation:
    files = tuple(File(path, mode, owner, hashlib.sha256(data).hexdigest()) for path, data in contents.items())
    return Generation(0, "gate", "debian-13", files, enable=("nftables.service",), source=source)
