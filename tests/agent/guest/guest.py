"""The guest: a stranger's Debian whose systemd boots it, the command line beside it, and a scenario that it plays."""

from __future__ import annotations

import json
import os
import pickle
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import bailiwick
import tests
from bailiwick.twin import StageError
from bailiwick.twin.script import Script
from bailiwick.twin.stages.booted.performing import BOOT, sources
from bailiwick.twin.stages.booted.root import root
from bailiwick.twin.stages.machine.cache import cache_directory
from bailiwick.twin.stages.machine.cpio import Archive
from bailiwick.twin.stages.machine.guest import FAULT, PART, SCRIPT, SEEN
from bailiwick.twin.stages.machine.kernel import kernel
from bailiwick.twin.stages.machine.watch import Hardware, machine
from tests.agent.guest.image import image
from tests.agent.guest.scenario import CHOSEN

PLATFORMS = {(3, 11): "debian-12", (3, 13): "debian-13"}
"""By the Python that the guest has: what is installed here runs there."""
MORE = ("openssh-server", "openssh-client", "ifupdown")
NEEDED = ("click", "pydantic", "PyYAML", "Jinja2", "oxidd", "rich")
SITE = "/stage/site"
MEMORY = 3072  # MiB
LAB = """\
[Unit]
Description=The wires and machines around the router, and its owner
DefaultDependencies=no
After=local-fs.target systemd-udevd.service systemd-modules-load.service
Wants=network-pre.target
Before=network-pre.target

[Service]
Type=notify
Environment=PYTHONPATH=/stage:{site} PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
Environment=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ExecStart=/usr/bin/python3 -SP -m {module}
TimeoutStartSec={patience:.0f}

[Install]
WantedBy=multi-user.target
"""
UNITS = ("ssh.service", "systemd-networkd.service", "bailiwick-lab.service")
INIT = f"""\
#!/bin/sh
export PATH=/usr/sbin:/usr/bin SYSTEMD_OFFLINE=1
mount -t proc proc /proc
systemctl enable {" ".join(UNITS)} || echo "could not enable every unit"
umount /proc
unset SYSTEMD_OFFLINE
exec /sbin/init
"""
STRANGER = {
    "10-trunk.network": "[Match]\nName=eth1\n[Network]\nVLAN=eth1.10\nLinkLocalAddressing=no\n",
    "10-management.netdev": "[NetDev]\nName=eth1.10\nKind=vlan\n[VLAN]\nId=10\n",
    "90-management.network": "[Match]\nName=eth1.10\n[Network]\nAddress=192.168.10.1/24\n",
}
"""How its owner set it up by hand: one address, in the VLAN of management."""


def platform() -> str:
    """Raises StageError where no Debian has this Python."""
    found = PLATFORMS.get(sys.version_info[:2])
    if found is None:
        raise StageError(f"no Debian here has Python {sys.version_info[0]}.{sys.version_info[1]}")
    return found


def played(
    script: Script,
    homes: dict[str, str],
    deadline: float,
    told: Callable[[str], None] | None = None,
    chosen: tuple[str, ...] = (),
) -> object:
    """What the scenario saw (``lab.main``); ``told`` hears what goes on. ``chosen``: those of the lock-outs, or all.

    Raises StageError, and RuntimeError for a fault of the scenario's own.
    """
    cache = cache_directory()
    core = kernel(cache)
    base = root(cache, platform(), core, more=MORE)
    hardware = Hardware("tcg", min(os.cpu_count() or 1, 2), MEMORY)
    line = "rdinit=/init systemd.show_status=yes"
    with machine(hardware, image(cache, core), (base, _payload(script, homes, chosen)), line) as guest:
        guest.listen(time.monotonic() + BOOT, f"did not boot within {BOOT:g} seconds")
        end = time.monotonic() + deadline
        word, data = PART, b""
        while word == PART:
            if data and told is not None:
                told(f"{deadline - (end - time.monotonic()):.0f} s: {data.decode()}")
            word, data = guest.listen(end, f"did not finish within {deadline:g} seconds")
    if word == FAULT:
        raise RuntimeError(data.decode(errors="replace"))
    if word != SEEN:
        raise StageError(data.decode(errors="replace"))
    return pickle.loads(data)


def _payload(script: Script, homes: dict[str, str], chosen: tuple[str, ...]) -> bytes:
    archive = laid(script, homes, "tests.agent.guest.lab")
    archive.file(str(CHOSEN), json.dumps(chosen).encode())
    archive.file("/init", INIT.encode(), 0o755)
    return archive.done()


def laid(script: Script, homes: dict[str, str], module: str) -> Archive:
    """What is laid over Debian's root: the command line, the stranger's network, the owner's ``homes`` by name, and the
    unit of the lab, which runs ``module``."""
    archive = Archive()
    for package, place in _packages():
        for path, content, changed in sources(package, place):
            archive.file(path, content, 0o644, changed)
    own = Path(bailiwick.__file__).parent
    for data in own.rglob("*"):
        if data.is_file() and data.suffix not in (".py", ".pyc"):
            archive.file(f"/stage/bailiwick/{data.relative_to(own)}", data.read_bytes(), 0o644)
    for name in _libraries():
        archive.file(f"{SITE}/{name}", Path(_site(), name).read_bytes(), 0o644)
    for name, text in STRANGER.items():
        archive.file(f"/etc/systemd/network/{name}", text.encode(), 0o644)
    for name, text in homes.items():
        archive.file(f"/root/{name}.yaml", text.encode(), 0o644)
    archive.file(str(SCRIPT), pickle.dumps(script))
    unit = LAB.format(site=SITE, module=module, patience=BOOT)
    archive.file("/etc/systemd/system/bailiwick-lab.service", unit.encode(), 0o644)
    archive.file("/etc/hostname", b"gate\n", 0o644)
    return archive


def _site() -> str:
    return sysconfig.get_paths()["platlib"]


def _packages() -> Iterator[tuple[Path, str]]:
    yield Path(bailiwick.__file__).parent, "/stage"
    here = Path(tests.__path__[0]) / "agent" / "guest"
    yield here, "/stage/tests/agent"
    for name in _needed():
        for top in {Path(str(file)).parts[0] for file in metadata.files(name) or ()}:
            if (Path(_site()) / top).is_dir() and not top.endswith((".dist-info", ".libs")) and top != "..":
                yield Path(_site()) / top, SITE


def _libraries() -> Iterator[str]:
    """What is no source: libraries, data, and single modules."""
    for name in _needed():
        for file in metadata.files(name) or ():
            text = str(file)
            source = text.endswith(".py") and len(Path(text).parts) > 1
            if not source and not text.startswith("..") and not text.endswith((".pyc", ".pyi")):
                yield text


def _needed() -> list[str]:
    """The distributions that the program asks for, and those that they do."""
    found: list[str] = []
    queue = [*NEEDED]
    while queue:
        name = queue.pop()
        if name in found:
            continue
        found.append(name)
        for wanted in metadata.requires(name) or ():
            if ";" not in wanted:
                queue.append("".join(c if c.isalnum() or c in "-_." else " " for c in wanted).split()[0])
    return found
