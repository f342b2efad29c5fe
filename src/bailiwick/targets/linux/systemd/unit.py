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


def sandbox(*, capabilities: str, families: str, calls: str = "@system-service", devices: bool = False) -> list[Entry]:
    """``families`` are the kinds of socket, ``calls`` the system calls that the service may use."""
    private = [] if devices else [Entry("PrivateDevices", "yes")]
    return [
        Entry("CapabilityBoundingSet", capabilities),
        Entry("RestrictAddressFamilies", families),
        Entry("SystemCallFilter", calls),
        Entry("SystemCallFilter", "~@privileged @resources" if not devices else "~@resources"),
        *private,
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
        letter
        if letter in _SAFE and not (place == 0 and letter == ".")
        else "".join(f"\\x{b:02x}" for b in letter.encode())
        for place, letter in enumerate(interface)
    )
    return f"sys-subsystem-net-devices-{escaped}.device"
