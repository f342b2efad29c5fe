"""A machine: a Debian on an overlay, its systemd as init of namespaces, wires to plug in, and a plug to pull."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bailiwick.twin.scene.namespaces import CommandFailed, within
from bailiwick.twin.stages.contained import cgroup
from bailiwick.twin.stages.contained.first import BOUNDS, JOINED, SCRIPT
from bailiwick.twin.stages.contained.held import Held
from bailiwick.twin.stages.contained.wall import Wall
from bailiwick.twin.stages.namespaces import ENVIRONMENT, StageError

TOOLS = ("unshare", "setpriv", "nsenter", "mount", "ip", "pivot_root", "hostname")
BOOT = 60.0
"""Seconds until systemd says that it has booted, on a busy machine."""
ANSWER = 10.0
"""Seconds until it is asked once more whether it has booted."""
COMMAND = 60.0  # seconds
ENDS = 30.0
"""Seconds within which a killed box is gone."""
MACHINE_ID = "ba1111c4ba1111c4ba1111c4ba1111c4"
WHOLE = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup")


class Box:
    """``disk`` keeps what is written, over power cuts; ``root`` is what was there before, and stays as it is.

    ``netns`` is the path of the box's network namespace, another one after each power cut; ``pid`` is its init here, 0
    while it is off; ``console`` the file with all that init ever said; ``wall`` where its wires end.
    """

    def __init__(self, root: Path, disk: Path, name: str = "gate") -> None:
        self.root, self.disk, self.name = root, disk, name
        self.pid = 0
        self.console = disk / "console"
        self.wall = Wall()
        self._net = Held()
        self._group: Path | None = None
        # Of its own, as what it starts dies with it (PR_SET_PDEATHSIG is about the thread, prctl(2)).
        self._starter = ThreadPoolExecutor(1)
        self._process: subprocess.Popen[bytes] | None = None
        for directory in ("upper", "work", "mount"):
            (disk / directory).mkdir(parents=True, exist_ok=True)
            (disk / directory).chmod(0o755)  # its root's mode, whatever our own umask
        self.console.touch()
        self._give_identity()

    @property
    def netns(self) -> str:
        return self._net.path

    @property
    def group(self) -> Path:
        """Its control group, with all that runs there. Raises StageError while it is off."""
        if self._group is None:
            raise StageError(f"{self.name} is off")
        return self._group

    def plug(self, interface: str, wire: str, mac: str = "") -> None:
        """A card of the box, on a wire of the wall; there again after each power cut."""
        self.wall.plug(interface, wire, self.netns, mac)

    def boot(self, wait: float = BOOT) -> str:
        """Turn it on; when it has booted, "running", or "degraded" where a unit has failed (systemctl(1)).

        Raises StageError when it does not come up in time, and says what systemd still waited for.
        """
        self.turn_on()
        end = time.monotonic() + wait
        while not Path(f"/proc/{self.pid}/root/run/systemd/private").exists():
            self._still_there()
            if time.monotonic() > end:
                raise StageError(f"systemd did not come up within {wait:g} seconds: {self._last_words()}")
            time.sleep(0.005)
        while (left := end - time.monotonic()) > 0:
            with suppress(StageError):  # asked anew: one question was once never answered
                return self.run(
                    "systemctl", "is-system-running", "--wait", wait=max(min(left, ANSWER), 0.1), ok=False
                ).strip()
        jobs = self.run("systemctl", "list-jobs", "--no-legend", "--no-pager", ok=False)
        raise StageError(f"it did not boot within {wait:g} seconds; still at it: {jobs.strip()}")

    def turn_on(self) -> None:
        """Start its init, and wait for nothing."""
        if self.pid:
            raise StageError(f"{self.name} is running already")
        self._group = cgroup.make()
        command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--mount", "--uts", "--ipc", "--fork"]
        command += ["--propagation", "private", "--kill-child=KILL", "sh", "-c", JOINED, "sh", str(self._group)]
        command += ["unshare", "--cgroup", "sh", "-c", SCRIPT, "sh"]
        places = (self.disk / "mount", self.root, self.disk / "upper", self.disk / "work")
        words = (*map(str, places), self.name, str(uuid.uuid4()), str(self.console))
        self._process = self._starter.submit(self._started, [*command, *words]).result()
        end = time.monotonic() + ENDS
        while not (children := _children(self._process.pid)):
            self._still_there()
            if time.monotonic() > end:
                raise StageError(f"no first process for {self.name}: {self._last_words()}")
            time.sleep(0.001)
        self.pid = children[0]

    def _started(self, command: list[str]) -> subprocess.Popen[bytes]:
        with self.console.open("ab") as console, within(self.netns):
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console, env=ENVIRONMENT)

    def power_cut(self) -> None:
        """``kill -9`` of its init: the kernel ends all that runs there. What the disk has stays; the rest is gone."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.kill(self.pid or self._process.pid, signal.SIGKILL)
        self._over()

    def freeze(self) -> None:
        """Nothing that runs there goes on, until ``thaw``; what is run from here does (cgroup-v2.rst)."""
        self._frozen(True)

    def thaw(self) -> None:
        self._frozen(False)

    def _frozen(self, wanted: bool) -> None:
        (self.group / "cgroup.freeze").write_text(f"{wanted:d}")
        end = time.monotonic() + ENDS
        while f"frozen {wanted:d}" not in (self.group / "cgroup.events").read_text():
            if time.monotonic() > end:
                raise StageError(f"{self.name} does not {'stand still' if wanted else 'go on'}")
            time.sleep(0.0005)

    def _over(self) -> None:
        assert self._process is not None
        try:
            self._process.wait(ENDS)
        except subprocess.TimeoutExpired:
            raise StageError(f"{self.name} does not end") from None
        self._process, self.pid = None, 0
        if self._group is not None:
            cgroup.remove(self._group)
            self._group = None
        self._net.close()
        self._net = Held()
        self.wall.plug_again(self.netns)

    def run(self, *command: str, text: str | None = None, wait: float = COMMAND, ok: bool = True) -> str:
        """What a command of the box's root printed. Raises CommandFailed unless ``ok`` is False, and StageError when it
        does not end within ``wait`` seconds."""
        done = self.done(*command, text=text, wait=wait)
        if ok and done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise CommandFailed(f"{' '.join(command)}: {said or f'exit status {done.returncode}'}")
        return done.stdout

    def done(self, *command: str, text: str | None = None, wait: float = COMMAND) -> subprocess.CompletedProcess[str]:
        """A command that has ended, however."""
        try:
            return subprocess.run(
                self._inside(command),
                input=text,
                capture_output=True,
                text=True,
                check=False,
                timeout=wait,
                env=ENVIRONMENT,
            )
        except subprocess.TimeoutExpired:
            raise StageError(f"{' '.join(command)} did not end within {wait:g} seconds") from None

    def start(self, *command: str, **how: Any) -> subprocess.Popen[bytes]:
        """A command that goes on; ``how`` is for Popen."""
        return subprocess.Popen(self._inside(command), **{"env": ENVIRONMENT, **how})

    def _inside(self, command: tuple[str, ...]) -> list[str]:
        if not self.pid:
            raise StageError(f"{self.name} is off")
        enter = ["nsenter", f"--target={self.pid}", *WHOLE, "--root", "--wd", "--"]
        # nsenter(1) waits outside, and may be killed.
        return [*enter, "setpriv", "--pdeathsig", "KILL", "--bounding-set", BOUNDS, *command]

    def put(self, path: str, content: bytes, mode: int = 0o644) -> None:
        """A file of root's, on its disk; directories are made."""
        if self.pid:
            how = 'umask 022; mkdir -p "${1%/*}"; umask 077; cat >"$1" && chmod "$2" "$1"'
            subprocess.run(
                self._inside(("sh", "-c", how, "sh", path, f"{mode:o}")), input=content, check=True, timeout=COMMAND
            )
            return
        place = self.disk / "upper" / path.lstrip("/")
        for directory in reversed(place.relative_to(self.disk / "upper").parents):
            here, below = self.disk / "upper" / directory, self.root / directory
            if not here.exists():
                here.mkdir()
                here.chmod(below.stat().st_mode & 0o7777 if below.exists() else 0o755)
        place.unlink(missing_ok=True)
        place.write_bytes(content)
        place.chmod(mode)

    def read(self, path: str) -> bytes:
        """Raises FileNotFoundError."""
        if self.pid:
            done = subprocess.run(self._inside(("cat", path)), capture_output=True, check=False, timeout=COMMAND)
            if done.returncode:
                raise FileNotFoundError(path)
            return done.stdout
        written = self.disk / "upper" / path.lstrip("/")
        if written.is_char_device():  # removed, as an overlay says it (Documentation/filesystems/overlayfs.rst)
            raise FileNotFoundError(path)
        return (written if written.exists() else self.root / path.lstrip("/")).read_bytes()

    def journal(self, *more: str) -> str:
        """Of this boot."""
        return self.run("journalctl", "--no-pager", "--boot", "--output", "short-monotonic", *more)

    def close(self) -> None:
        self.power_cut()
        self._starter.shutdown()
        self._net.close()
        self.wall.close()

    def _give_identity(self) -> None:
        for path, text in (
            ("/etc/machine-id", f"{MACHINE_ID}\n"),
            ("/etc/hostname", f"{self.name}\n"),
            ("/etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {self.name}\n"),
        ):
            if not (self.disk / "upper" / path.lstrip("/")).exists():
                self.put(path, text.encode())

    def _still_there(self) -> None:
        if self._process is not None and self._process.poll() is not None:
            self.power_cut()
            raise StageError(f"{self.name} ended by itself: {self._last_words()}")

    def _last_words(self) -> str:
        return self.console.read_text(errors="replace").strip()[-600:] or "it said nothing"


def _children(process: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:
        return []


def check() -> None:
    """Raises StageError where there can be no box: it needs root, cgroup2 and the tools of util-linux and iproute2."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    if missing := [tool for tool in TOOLS if shutil.which(tool, path=path) is None]:
        raise StageError(f"not found on this machine: {', '.join(missing)}")
    if os.geteuid():
        raise StageError("a system of its own in namespaces needs root")
    cgroup.hierarchy()


@contextmanager
def contained(root: Path, disk: Path, name: str = "gate") -> Iterator[Box]:
    """A box that is off at first, and gone at the end: its processes, mounts, namespaces and groups.

    ``root`` is a Debian (``root.debian``), ``disk`` a directory of the box's own, on no overlay. Raises StageError.
    """
    check()
    box = Box(root, disk, name)
    try:
        yield box
    finally:
        box.close()


__all__ = ["Box", "contained"]
