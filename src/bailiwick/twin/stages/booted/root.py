"""A Debian root with systemd, made by mmdebstrap(1) and kept: an archive that the kernel unpacks as its first root."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
from functools import partial
from pathlib import Path

from bailiwick.twin.stages.machine.cache import kept
from bailiwick.twin.stages.machine.cpio import MAGIC, TRAILER, Archive
from bailiwick.twin.stages.machine.kernel import Kernel
from bailiwick.twin.stages.namespaces import StageError

SUITES = {"debian-12": "bookworm", "debian-13": "trixie"}
PACKAGES = (
    *("systemd", "systemd-sysv", "udev", "dbus", "kmod", "procps", "iproute2", "nftables", "dnsmasq-base", "ppp"),
    *("pppoe", "wireguard-tools", "busybox-static", "python3"),
)
"""What the rendered files ask for, and the few that the stage needs itself."""
LEFT_OUT = ("doc", "man", "locale", "i18n", "info", "lintian")
CONTENT = "root.cpio"
HEADER = 110  # bytes, of the kernel's "newc" form
PATIENCE = 900  # seconds


def modules_in(archive: bytes) -> dict[str, bytes]:
    """The modules of a kernel's archive, by their file's name."""
    found: dict[str, bytes] = {}
    at = 0
    while archive[at : at + 6] == MAGIC:
        size, length = (int(archive[at + start : at + start + 8], 16) for start in (54, 94))
        name = archive[at + HEADER : at + HEADER + length - 1].decode()
        at += (HEADER + length + 3) & ~3
        if name == TRAILER:
            break
        if name.endswith(".ko"):
            found[Path(name).name] = archive[at : at + size]
        at += (size + 3) & ~3
    return found


def archive_of(tar: Path) -> bytes:
    """All of it but devices, with owners and modes."""
    archive = Archive()
    with tarfile.open(tar) as root:
        for member in root:
            path = "/" + member.name.removeprefix("./").strip("/")
            owner = (member.uid, member.gid)
            if path == "/" or path.startswith("/dev/"):
                continue
            if member.isdir():
                archive.directory(path, member.mode, owner)
            elif member.issym():
                archive.link(path, member.linkname)
            elif (data := root.extractfile(member)) is not None:  # what is linked to is read for a hard link, too
                archive.file(path, data.read(), member.mode, int(member.mtime), owner)
    archive.device("/dev/console", 5, 1)
    archive.device("/dev/null", 1, 3, 0o666)
    return archive.done()


def _make(suite: str, core: Kernel, directory: Path) -> None:
    work = directory / "work"
    work.mkdir()
    try:
        for name, image in modules_in(core.modules.read_bytes()).items():
            (work / name).write_bytes(image)
        place = f'"$1"/usr/lib/modules/{core.release}'
        command = ["mmdebstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}"]
        command += [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in LEFT_OUT]
        command += [f"--customize-hook=mkdir -p {place} && cp {work}/*.ko {place}"]
        command += [f'--customize-hook=chroot "$1" depmod {core.release}']
        command += ['--customize-hook=rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin']
        done = subprocess.run(
            [*command, suite, str(work / "root.tar")],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
        )
        if done.returncode:
            raise StageError(f"mmdebstrap could not make Debian's {suite}: {done.stderr.strip()[-600:]}")
        (directory / CONTENT).write_bytes(archive_of(work / "root.tar"))
    except subprocess.TimeoutExpired:
        raise StageError(f"mmdebstrap did not finish within {PATIENCE} seconds") from None
    finally:
        shutil.rmtree(work)


def root(cache: Path, platform: str, core: Kernel) -> Path:
    """The archive for that platform, with this kernel's modules; made where the cache does not have it.

    Raises StageError.
    """
    suite = SUITES.get(platform)
    if suite is None:
        raise StageError(f"no Debian to boot for the platform {platform}; known: {', '.join(SUITES)}")
    key = hashlib.sha256(repr((PACKAGES, LEFT_OUT, core.package)).encode()).hexdigest()[:12]
    if not (cache / f"root-{suite}.{key}").exists() and shutil.which("mmdebstrap") is None:
        raise StageError("not found on this machine: mmdebstrap (Debian's package mmdebstrap)")
    return kept(cache, f"root-{suite}", key, partial(_make, suite, core)) / CONTENT
