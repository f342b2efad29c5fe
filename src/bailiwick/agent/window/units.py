"""The two units of the agent's own: the timer that takes an apply back, and the one that does so at boot."""

from __future__ import annotations

import sys

from bailiwick.agent.commands import run
from bailiwick.agent.disk import durable
from bailiwick.agent.places import STATE, Places

DEADMAN = "bailiwick-deadman.service"
BOOT = "bailiwick-boot.service"
DIRECTORY = "/etc/systemd/system"
WANTS = f"{DIRECTORY}/sysinit.target.wants/{BOOT}"
WATCHDOG = 10
"""Seconds of silence after which systemd kills the timer, a stopped one too, and starts it anew."""
STARTS = 60
"""Seconds for it to read all that it will need, on a slow machine; one that is stopped meanwhile is killed, too."""
WRITES = ("/etc", "/usr", "/var", "/run", "-/opt", "-/srv")
"""Where a generation's files may stand; the timer verifies that it can write there before anything is changed."""

SANDBOX = f"""\
UMask=0077
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths={" ".join(WRITES)}
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateMounts=yes
ProtectClock=yes
ProtectHostname=yes
ReadOnlyPaths=/sys/fs/cgroup
ProtectKernelLogs=yes
ProtectKernelModules=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@resources
SystemCallErrorNumber=EPERM
CapabilityBoundingSet=CAP_NET_ADMIN CAP_CHOWN CAP_FOWNER CAP_DAC_OVERRIDE CAP_KILL
RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6
IPAddressDeny=any
"""
"""What putting a generation back needs, and no more. Modules are systemd's to load, units its to start (its socket);
the settings of the kernel are its own to write (so no ProtectKernelTunables), as are files of any owner. Where the
machine is itself a container, ProtectControlGroups= would show another boot's id than the machine's."""

BEFORE = (
    "network-pre.target",
    "bailiwick-firewall.service",
    "bailiwick-exits.service",
    "systemd-networkd.service",
    "systemd-sysctl.service",
    "systemd-modules-load.service",
    "systemd-udevd.service",
    "networking.service",
    "NetworkManager.service",
    "nftables.service",
    "ufw.service",
    "firewalld.service",
    "sysinit.target",
    "shutdown.target",
)


def python() -> str:
    """The interpreter that units run: the one that runs this."""
    return sys.executable or "/usr/bin/python3"


def deadman() -> str:
    """The timer's unit (systemd.service(5), systemd.exec(5)).

    Nothing but its own word that the window is closed (status 0) ends it: no signal, and no failure, however often.
    """
    return f"""\
[Unit]
Description=Bailiwick: puts the old generation back unless the new one is confirmed
Documentation=man:systemd.service(5)
After={BOOT}
StartLimitIntervalSec=0
RefuseManualStop=yes
IgnoreOnIsolate=yes

[Service]
Type=notify
NotifyAccess=main
ExecStart={python()} -I {STATE}/agent/current deadman
Restart=always
RestartSec=200ms
RestartPreventExitStatus=0
WatchdogSec={WATCHDOG}
WatchdogSignal=SIGKILL
TimeoutStartSec={STARTS}
TimeoutStartFailureMode=kill
TimeoutStopSec=5
OOMScoreAdjust=-1000
{SANDBOX}"""


def boot() -> str:
    """The unit that runs before the network at every boot, and acts where a window was open at the last one's end."""
    return f"""\
[Unit]
Description=Bailiwick: puts the confirmed generation back before the network comes up
DefaultDependencies=no
RequiresMountsFor={STATE} /etc /usr
After=local-fs.target
Before={" ".join(BEFORE)}
Wants=network-pre.target
Conflicts=shutdown.target
ConditionPathExists=|{STATE}/window.json
ConditionPathExists=|{STATE}/live.json

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={python()} -I {STATE}/agent/current boot
TimeoutStartSec=60
OOMScoreAdjust=-1000
{SANDBOX}
[Install]
WantedBy=sysinit.target
"""


def install(places: Places) -> None:
    """Writes and enables them; does nothing where they are so. Raises NotWritten, CommandFailed."""
    texts = {f"{DIRECTORY}/{DEADMAN}": deadman(), f"{DIRECTORY}/{BOOT}": boot()}
    changed = [path for path, text in texts.items() if not _is(places, path, text)]
    for path in changed:
        durable.write(places.on_device(path), texts[path].encode(), 0o644)
    wants = places.on_device(WANTS)
    if not wants.is_symlink():
        durable.directory(wants.parent, 0o755)
        durable.link(wants, f"{DIRECTORY}/{BOOT}")
        changed.append(WANTS)
    if changed:
        run("systemctl", "daemon-reload")


def remove(places: Places) -> None:
    """Takes them away; a timer that runs ends by itself. Raises NotWritten, CommandFailed."""
    paths = [places.on_device(path) for path in (WANTS, f"{DIRECTORY}/{BOOT}", f"{DIRECTORY}/{DEADMAN}")]
    present = [path for path in paths if path.is_symlink() or path.exists()]
    for path in present:
        durable.remove(path)
    if present:
        run("systemctl", "stop", BOOT)
        run("systemctl", "daemon-reload")


def _is(places: Places, path: str, text: str) -> bool:
    try:
        return places.on_device(path).read_text(encoding="utf-8") == text
    except FileNotFoundError:
        return False
