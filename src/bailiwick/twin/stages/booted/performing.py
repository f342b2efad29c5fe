"""The router's files in a Debian root, booted by systemd, and the witness that boots with them."""

from __future__ import annotations

import os
import pickle
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import bailiwick
from bailiwick.twin.options import CONTAINERS
from bailiwick.twin.scene.files import adapted
from bailiwick.twin.stages.booted.root import root
from bailiwick.twin.stages.debian import SUITES
from bailiwick.twin.stages.machine.cache import cache_directory
from bailiwick.twin.stages.machine.cpio import Archive
from bailiwick.twin.stages.machine.guest import FAULT, HELLO, PART, SCRIPT, SEEN
from bailiwick.twin.stages.machine.kernel import kernel
from bailiwick.twin.stages.machine.selection import compiled
from bailiwick.twin.stages.machine.watch import QEMU, Hardware, machine
from bailiwick.twin.stages.namespaces import StageError
from bailiwick.twin.stages.progress import Listener

if TYPE_CHECKING:
    from bailiwick.twin.script import Script, Seen

MEMORY, WITH_DOCKER = 2560, 3584  # MiB: the root is unpacked into it
DOCKER = 120.0
"""Seconds more, for Docker's daemon and a container on an emulated processor."""
BOOT = 300.0
"""Seconds until the witness speaks, on a busy machine."""
INIT = """\
#!/bin/sh
# As the files are installed: the units that would fight over the network go, the router's are enabled. Then systemd.
export PATH=/usr/sbin:/usr/bin SYSTEMD_OFFLINE=1
mount -t proc proc /proc
systemctl disable {disable} >/dev/null 2>&1
systemctl mask {disable} >/dev/null 2>&1
systemctl enable {enable} bailiwick-witness.service || echo "could not enable every unit"
umount /proc
unset SYSTEMD_OFFLINE
exec /sbin/init
"""
WITNESS = f"""\
[Unit]
Description=The wires and machines around the router, and what is seen on them
DefaultDependencies=no
After=local-fs.target systemd-udevd.service systemd-modules-load.service
Wants=network-pre.target
Before=network-pre.target

[Service]
Type=notify
Environment=PYTHONPATH=/stage PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
ExecStart=/usr/bin/python3 -SP -m bailiwick.twin.stages.booted.witness
TimeoutStartSec={BOOT:.0f}

[Install]
WantedBy=multi-user.target
"""


def sources(package: Path, place: str) -> Iterator[tuple[str, bytes, int]]:
    """A package's sources as they are laid out at ``place``, and what this interpreter has compiled of them: path,
    content, time."""
    tag = sys.implementation.cache_tag
    for path in sorted(package.rglob("*.py")):
        there = Path(place) / package.name / path.relative_to(package)
        yield str(there), path.read_bytes(), int(path.stat().st_mtime)
        if (code := compiled(path)) is not None:
            yield str(there.parent / "__pycache__" / f"{path.stem}.{tag}.pyc"), code, 0


def payload(script: Script) -> bytes:
    """What is laid over the root for this trial: the rendered files, the witness and its script."""
    layout = script.layout.real(vlans=True, filtering=False, sessions=True, tunnels=True)
    archive = Archive()
    for artifact in script.tree.artifacts:
        text = adapted(artifact, layout)
        if text is not None:
            archive.file(artifact.path, text.encode(), artifact.mode, int(time.time()))
    for path, content, changed in sources(Path(bailiwick.__file__).parent, "/stage"):
        archive.file(path, content, 0o644, changed)
    archive.file(str(SCRIPT), pickle.dumps(script))
    archive.file("/etc/systemd/system/bailiwick-witness.service", WITNESS.encode())
    lists = {"enable": " ".join(script.tree.enable), "disable": " ".join(script.tree.disable)}
    archive.file("/init", INIT.format(**lists).encode(), 0o755)
    return archive.done()


def perform(script: Script, deadline: float, listener: Listener | None = None) -> Seen:
    """Boot the router's files and act the script out around them; ``listener`` hears of each part that is done.

    ``deadline`` is in seconds from when the witness first speaks, and ``DOCKER`` more for containers. Raises StageError
    when there can be no guest here, it does not boot, or does not finish in time, and RuntimeError when the fault is
    this program's own.
    """
    if shutil.which(QEMU) is None:
        raise StageError(f"not found on this machine: {QEMU} (Debian's package qemu-system-x86)")
    began = time.monotonic()
    cache = cache_directory()
    core = kernel(cache)
    platform = script.plan.platform
    docker = CONTAINERS in script.options.acts
    if docker:
        deadline += DOCKER
    base = root(cache, platform, core, docker=docker)
    made = time.monotonic()
    hardware = Hardware("tcg", min(os.cpu_count() or 1, 2), WITH_DOCKER if docker else MEMORY)
    with machine(hardware, core.image, (base, payload(script)), "rdinit=/init systemd.show_status=yes") as guest:
        word, data = guest.listen(made + BOOT, f"did not boot within {BOOT:g} seconds")
        if word != HELLO:
            raise StageError(f"the virtual machine began with {word!r}")
        up = time.monotonic()
        word, data = PART, b"wires"
        while word == PART:
            if listener is not None:
                listener(data.decode())
            word, data = guest.listen(up + deadline, f"did not finish within {deadline:g} seconds")
    if word == FAULT:
        raise RuntimeError(f"in the virtual machine:\n{data.decode(errors='replace')}")
    if word != SEEN:
        raise StageError(data.decode(errors="replace"))
    seen: Seen = pickle.loads(data)
    stage = f"a virtual machine (emulated) that systemd boots: Debian's {SUITES[platform]}, Linux {core.release}"
    return replace(seen, stage=stage, seconds=(("made", made - began), ("boot", up - made), *seen.seconds))
