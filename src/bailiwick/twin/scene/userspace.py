"""WireGuard by a program, where the kernel has none: wireguard-go, a process for each end.

Its socket stays in the network namespace that it was started in; its interface, a tun (Documentation/networking/
tuntap.rst), may be moved and renamed. wg(8) goes on finding it by its first name, which is that of a socket under
``/var/run/wireguard``: one directory for all namespaces of the stage.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from bailiwick.twin.scene.namespaces import CommandFailed, batch, run, within

PROGRAM = "wireguard-go"
TUN = "/dev/net/tun"
SOCKETS = Path("/var/run/wireguard")
LOGS = Path("/run/stage/log")
READY = 10.0  # seconds
NEVER_PLANNED = "+"
"""No interface of a home file has it in its name, so what is called by it is nobody else's."""
PROBE = f"probe{NEVER_PLANNED}"

_running: dict[str, subprocess.Popen[bytes]] = {}
"""By the name at the start. The stage's end ends them, too: its first process is their init."""


def start(name: str, namespace: str | None = None) -> None:
    """An interface of that name, down and without keys, there or where this process is.

    Raises CommandFailed with what the program says when it makes none.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{PROGRAM}.{name}"
    with log.open("wb") as out:
        if namespace is None:
            process = _started(name, out.fileno())
        else:
            with within(namespace):
                process = _started(name, out.fileno())
    _running[name] = process
    deadline = time.monotonic() + READY
    while not (SOCKETS / f"{name}.sock").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            said = log.read_text(errors="replace").strip().splitlines()
            raise CommandFailed(f"{PROGRAM} made no {name}: {said[-1] if said else 'it says nothing'}")
        time.sleep(0.005)


def _started(name: str, out: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([PROGRAM, "--foreground", name], stdin=subprocess.DEVNULL, stdout=out, stderr=out)


def end(name: str) -> None:
    """Its interface goes with it. Raises KeyError for none that was started."""
    process = _running.pop(name)
    process.kill()
    process.wait()
    (SOCKETS / f"{name}.sock").unlink(missing_ok=True)


def lacks() -> str:
    """What is missing for a tunnel by the program, in words; empty where one was made, asked, and ended again."""
    if missing := [name for name in (PROGRAM, "wg") if shutil.which(name) is None]:
        return f"not found: {', '.join(missing)}"
    if not os.access(TUN, os.R_OK | os.W_OK):
        return f"{TUN} cannot be opened"
    try:
        start(PROBE)
        run("wg", "show", PROBE, "listen-port")
        batch([f"link set {PROBE} up"])
    except CommandFailed as failure:
        return str(failure)
    finally:
        if PROBE in _running:
            end(PROBE)
    return ""
