"""The parts that our units share: the sandbox (systemd.exec(5)) and names of devices."""

from __future__ import annotations

import string

from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import artifact, banner
from bailiwick.targets.linux.ini import Entry, Section, lines

_SAFE = frozenset(string.ascii_letters + string.digits + ":_.")

_CLOSED = (
    ("NoNewPrivileges", "yes"),
    ("ProtectSystem", "strict"),
    ("ProtectHome", "yes"),
    ("PrivateTmp", "yes"),
    ("ProtectClock", "yes"),
    ("ProtectControlGroups", "yes"),
    ("ProtectHostname", "yes"),
    ("ProtectKernelLogs", "yes"),
    ("ProtectKernelModules", "yes"),
    ("ProtectKernelTunables", "yes"),
    ("ProtectProc", "invisible"),
    ("RestrictNamespaces", "yes"),
    ("RestrictRealtime", "yes"),
    ("RestrictSUIDSGID", "yes"),
    ("LockPersonality", "yes"),
    ("MemoryDenyWriteExecute", "yes"),
    ("SystemCallArchitectures", "native"),
    ("UMask", "0077"),
)
"""What no unit of ours needs. ``systemd-analyze security`` weighs each."""


def sandbox(*, capabilities: str, families: str, denied: str = "@privileged @resources") -> list[Entry]:
    """``families`` are the kinds of socket that the service opens, ``denied`` the system calls that even the set
    ``@system-service`` (``systemd-analyze syscall-filter``) has too many; refused with an error, not a signal."""
    return [
        Entry("CapabilityBoundingSet", capabilities),
        Entry("RestrictAddressFamilies", families),
        Entry("SystemCallFilter", "@system-service"),
        Entry("SystemCallFilter", f"~{denied}"),
        Entry("SystemCallErrorNumber", "EPERM"),
        *(Entry(key, value) for key, value in _CLOSED),
    ]


def unit(name: str, what: str, router: str, sections: tuple[Section, ...], *, reload: str = "") -> Artifact:
    """A unit file under its ``name``; ``what`` heads it."""
    return artifact(
        f"/etc/systemd/system/{name}",
        (*banner(what, router), *lines(sections)),
        reload=reload or "systemctl daemon-reload",
    )


def device_unit(interface: str) -> str:
    """The unit of a network interface (systemd.unit(5), STRING ESCAPING FOR INCLUSION IN UNIT NAMES)."""
    escaped = "".join(
        letter if letter in _SAFE else "".join(f"\\x{byte:02x}" for byte in letter.encode()) for letter in interface
    )
    return f"sys-subsystem-net-devices-{escaped}.device"
