"""The kernel's image as its package has it: compressed, which a machine needs that is to sleep and wake again; and the
modules for a disk.

QEMU keeps the segments of an ELF file as ROM, and writes them into the memory anew whenever it resets the machine
(hw/core/loader.c, rom_reset). Waking from ACPI's S3 begins with a reset: a kernel that was booted as an ELF file finds
its own data as they were at the boot, page tables included, and dies of a triple fault.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bailiwick.twin import StageError
from bailiwick.twin.stages.machine.cache import kept
from bailiwick.twin.stages.machine.kernel import Kernel
from bailiwick.twin.stages.machine.modules import built_in, files_below, in_order

NAME = "vmlinuz"
DRIVE = ("virtio_pci", "virtio_blk", "crc32c_generic", "ext4")
ORDER = "order"


def image(cache: Path, core: Kernel) -> Path:
    """Of the same package as ``core``. Raises StageError."""
    return kept(cache, "image", _key(core), partial(_make, core)) / NAME


def drive_modules(cache: Path, core: Kernel) -> tuple[Path, ...]:
    """What this kernel needs for a root on an ext4 file system on a virtio disk, in the order to load it. Raises
    StageError."""
    directory = kept(cache, "drive", _key(core), partial(_make_modules, core))
    return tuple(directory / f"{name}.ko" for name in (directory / ORDER).read_text().split())


def _key(core: Kernel) -> str:
    return core.package.replace(" ", "_").replace(":", "_")


def _make(core: Kernel, directory: Path) -> None:
    with _extracted(core, directory) as tree:
        (directory / NAME).write_bytes(Path(tree, "boot", f"{NAME}-{core.release}").read_bytes())


def _make_modules(core: Kernel, directory: Path) -> None:
    with _extracted(core, directory) as tree:
        # Since Debian 13 all of it lies below /usr.
        below = next(path for path in (tree / "usr/lib/modules", tree / "lib/modules") if path.is_dir()) / core.release
        modules = in_order(DRIVE, files_below(below), built_in(below))
    for module in modules:
        (directory / f"{module.name}.ko").write_bytes(module.image)
    (directory / ORDER).write_text("".join(f"{module.name}\n" for module in modules))


@contextmanager
def _extracted(core: Kernel, directory: Path) -> Iterator[Path]:
    """The package's files, for as long as the block lasts."""
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
        yield Path(work, "tree")
