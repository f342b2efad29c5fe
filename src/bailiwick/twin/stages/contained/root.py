"""The Debian that boots here: a directory in the cache, which an overlay leaves as it is."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path

from bailiwick.twin.stages.debian import LEFT_OUT, bootstrap, need_mmdebstrap, suite_of
from bailiwick.twin.stages.machine.cache import kept

PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "kmod", "procps", "iproute2", "nftables", "dnsmasq-base", "python3"),
    *("openssh-server", "sudo", "busybox-static", "ifupdown", "ufw", "isc-dhcp-client"),
)
"""What the rendered files and the agent ask for, and what a stranger's machine has that fights over the network."""
HOOKS = (
    # Timers that want the internet, and a terminal that is not there.
    'rm -f "$1"/etc/systemd/system/timers.target.wants/* "$1"/etc/systemd/system/getty.target.wants/*',
    'rm -f "$1"/etc/systemd/system/multi-user.target.wants/e2scrub_reap.service',
    'ln -s /dev/null "$1"/etc/systemd/system/console-getty.service',
    # The machine's own identity and resolver are given when it first boots.
    'rm -f "$1"/etc/machine-id "$1"/var/lib/dbus/machine-id "$1"/etc/resolv.conf "$1"/etc/hostname',
)
CONTENT = "root"


def _make(suite: str, packages: tuple[str, ...], directory: Path) -> None:
    bootstrap(suite, packages, directory / CONTENT, HOOKS)


def debian(cache: Path, platform: str, more: tuple[str, ...] = ()) -> Path:
    """The directory for that platform, with ``more`` packages; made where the cache does not have it, in a minute.

    Nobody may write in it. Raises StageError.
    """
    suite = suite_of(platform)
    packages = (*PACKAGES, *more)
    kind = "-".join(("contained", suite, *more))
    key = hashlib.sha256(repr((packages, LEFT_OUT, HOOKS)).encode()).hexdigest()[:12]
    if not (cache / f"{kind}.{key}").exists():
        need_mmdebstrap()
    return kept(cache, kind, key, partial(_make, suite, packages)) / CONTENT
