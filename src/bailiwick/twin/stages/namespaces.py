"""A stage of our own: private network, mount, process and host-name namespaces, and a user one without root.

The first process on the stage is init of its own pid namespace, and dies with us (``PR_SET_PDEATHSIG``, set by
setpriv(1) and ``unshare --kill-child``); when it does, the kernel kills whatever else runs there, and with the last
process go the mounts and the namespaces. Nothing is left for a later run to sweep, even after ``kill -9``.
"""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bailiwick.twin.stages.progress import Listener, told

if TYPE_CHECKING:
    from bailiwick.twin.script import Script, Seen

CAP_SYS_ADMIN = 21  # linux/capability.h
TOOLS = ("unshare", "setpriv", "ip", "nft", "dnsmasq", "busybox", "mount", "sysctl")
ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    # The newer calls mount first and set read-only after, which a user namespace in a container with a read-only /sys
    # may not (mount(8); mount_too_revealing() in linux/fs/namespace.c).
    "LIBMOUNT_FORCE_MOUNT2": "always",
}


class StageError(Exception):
    """The stage could not be set up here: the world is wrong, not the home file."""


def _may_make_namespaces() -> bool:
    """Whether this process has CAP_SYS_ADMIN; root in a container may lack it (capabilities(7))."""
    status = Path("/proc/self/status").read_text()
    effective = next((line.split()[1] for line in status.splitlines() if line.startswith("CapEff:")), "0")
    return bool(int(effective, 16) >> CAP_SYS_ADMIN & 1)


def command() -> list[str]:
    """How to start the first process of the stage."""
    unshare = ["unshare", "--net", "--mount", "--pid", "--uts", "--fork", "--kill-child=KILL", "--mount-proc"]
    unshare += ["--propagation", "private"]
    if not _may_make_namespaces():
        unshare += ["--user", "--map-root-user"]
    return ["setpriv", "--pdeathsig", "KILL", *unshare, sys.executable, "-P", "-m", "bailiwick.twin.stages.inside"]


def missing_tools() -> tuple[str, ...]:
    """Commands that the stage needs and that are not installed."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return tuple(tool for tool in TOOLS if shutil.which(tool, path=path) is None)


def perform(script: Script, deadline: float, listener: Listener | None = None) -> Seen:
    """Act the script out on a stage of its own and return what was seen; ``listener`` hears of each part that is done.

    Raises StageError when the stage cannot be set up or does not finish within ``deadline`` seconds, and RuntimeError
    when the fault is this program's own.
    """
    if missing := missing_tools():
        raise StageError(f"not found on this machine: {', '.join(missing)}")
    environment = dict(ENVIRONMENT)
    if "PYTHONPATH" in os.environ:
        environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
    with (
        told(listener) as channel,
        subprocess.Popen(
            command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment | channel.variables,
            pass_fds=channel.descriptors,
        ) as actor,
    ):
        try:
            out, said = actor.communicate(pickle.dumps(script), timeout=deadline)
        except subprocess.TimeoutExpired:
            actor.send_signal(signal.SIGKILL)
            actor.communicate()
            raise StageError(f"the trial did not finish within {deadline:g} seconds") from None
    if actor.returncode:
        words = said.decode(errors="replace").strip() or f"the stage ended with status {actor.returncode}"
        if "Traceback (most recent call last)" in words:
            raise RuntimeError(f"on the stage:\n{words}")
        raise StageError(words)
    seen: Seen = pickle.loads(out)
    return seen
