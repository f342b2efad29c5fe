"""The kernel's image as its package has it: compressed, which a machine needs that is to sleep and wake again.

QEMU keeps the segments of an ELF file as ROM, and writes them into the memory anew whenever it resets the machine
(hw/core/loader.c, rom_reset). Waking from ACPI's S3 begins with a reset: a kernel that was booted as an ELF file finds
its own data as they were at the boot, page tables included, and dies of a triple fault.
"""

from __future__ import annotations

import subprocess
import tempfile
from functools import partial
from pathlib import Path

from bailiwick.twin import StageError
from bailiwick.twin.stages.machine.cache import kept
from bailiwick.twin.stages.machine.kernel import Kernel

NAME = "vmlinuz"


def image(cache: Path, core: Kernel) -> Path:
    """Of the same package as ``core``. Raises StageError."""
    key = core.package.replace(" ", "_").replace(":", "_")
    return kept(cache, "image", key, partial(_make, core)) / NAME


def _make(core: Kernel, directory: Path) -> None:
    name, version = core.package.split()
    with tempfile.TemporaryDirectory(dir=directory, prefix="work.") as work:
        for command in (
            ("apt-get", "download", "--quiet", f"{name}={version}"),
            ("sh", "-c", 'exec dpkg-deb --extract "$PWD"/*.deb tree'),
        ):
            done = subprocess.run(
                command, cwd=work, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=600
            )
            if done.returncode:
                raise StageError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
        (directory / NAME).write_bytes(Path(work, "tree", "boot", f"{NAME}-{core.release}").read_bytes())
