"""The guest's disk: an ext4 file system with the whole root, and the small archive from which the kernel finds it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bailiwick.twin import StageError
from bailiwick.twin.stages.machine.cpio import Archive
from tests.agent.guest.guest import UNITS

SIZE = "2G"  # sparse
PATIENCE = 300  # seconds for one command
INIT = """\
#!/busybox sh
/busybox mkdir -p /dev /root
/busybox mount -t devtmpfs dev /dev
for module in {modules}; do /busybox insmod /modules/$module; done
until [ -b /dev/vda ]; do /busybox sleep 0.1; done
/busybox mount -t ext4 /dev/vda /root
/busybox umount /dev
exec /busybox switch_root /root /sbin/init
"""


def make(base: Path, laid: bytes, disk: Path) -> bytes:
    """The root ``base`` with what is ``laid`` over it becomes the file system ``disk``; gives its busybox. Raises
    StageError: its files belong to many users, so only root can make them."""
    if os.geteuid() != 0:
        raise StageError("only root can make a disk with the files of many users")
    with tempfile.TemporaryDirectory(dir=disk.parent, prefix="root.") as work:
        tree = Path(work)
        for archive in (base.read_bytes(), laid):
            _run(("cpio", "--extract", "--make-directories", "--unconditional", "--quiet"), tree, archive)
        _run(("systemctl", f"--root={tree}", "enable", *UNITS), tree)
        _run(("mkfs.ext4", "-q", "-F", "-d", str(tree), str(disk), SIZE), tree)
        return (tree / "usr/bin/busybox").read_bytes()


def initrd(busybox: bytes, modules: Sequence[Path]) -> bytes:
    """An archive whose ``/init`` loads the modules and goes over to the disk."""
    archive = Archive()
    archive.file("/busybox", busybox, 0o755)
    for module in modules:
        archive.file(f"/modules/{module.name}", module.read_bytes())
    archive.file("/init", INIT.format(modules=" ".join(one.name for one in modules)).encode(), 0o755)
    archive.device("/dev/console", 5, 1)
    return archive.done()


def copy(disk: Path, to: Path) -> Path:
    """Sparse as it was."""
    _run(("cp", "--sparse=always", str(disk), str(to)), disk.parent)
    return to


def _run(command: tuple[str, ...], cwd: Path, given: bytes = b"") -> None:
    done = subprocess.run(command, cwd=cwd, input=given, capture_output=True, check=False, timeout=PATIENCE)
    if done.returncode:
        raise StageError(f"{' '.join(command)}: {done.stderr.decode(errors='replace').strip()}")
