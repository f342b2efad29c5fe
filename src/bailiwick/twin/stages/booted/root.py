"""A Debian root with systemd, made by mmdebstrap(1) and kept: an archive that the kernel unpacks as its first root."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
from functools import partial
from pathlib import Path

from bailiwick.twin.stages.debian import LEFT_OUT, bootstrap, need_mmdebstrap, suite_of
from bailiwick.twin.stages.machine.cache import kept
from bailiwick.twin.stages.machine.cpio import MAGIC, TRAILER, Archive
from bailiwick.twin.stages.machine.kernel import WANTED, Kernel

PACKAGES = (
    *("systemd", "systemd-sysv", "udev", "dbus", "kmod", "procps", "iproute2", "nftables", "dnsmasq-base", "ppp"),
    *("pppoe", "wireguard-tools", "busybox-static", "python3"),
)
"""What the rendered files ask for, and the few that the stage needs itself."""
DOCKER = {
    "bookworm": ("docker.io", "iptables"),
    "trixie": ("docker.io", "docker-cli", "iptables"),
}
"""By suite, for containers on a host of the stage."""
DOCKER_UNITS = ("docker.service", "docker.socket", "containerd.service")
"""Would put Docker on the router."""
CONTENT = "root.cpio"
HEADER = 110  # bytes, of the kernel's "newc" form


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


def _make(suite: str, packages: tuple[str, ...], core: Kernel, directory: Path) -> None:
    work = directory / "work"
    work.mkdir()
    try:
        for name, image in modules_in(core.modules.read_bytes()).items():
            (work / name).write_bytes(image)
        place = f'"$1"/usr/lib/modules/{core.release}'
        masked = DOCKER_UNITS if "docker.io" in packages else ()
        hooks = (
            f"mkdir -p {place} && cp {work}/*.ko {place}",
            f'chroot "$1" depmod {core.release}',
            *(f'ln -sf /dev/null "$1"/etc/systemd/system/{unit}' for unit in masked),  # systemctl mask
        )
        bootstrap(suite, packages, work / "root.tar", hooks)
        (directory / CONTENT).write_bytes(archive_of(work / "root.tar"))
    finally:
        shutil.rmtree(work)


def root(cache: Path, platform: str, core: Kernel, *, docker: bool = False, more: tuple[str, ...] = ()) -> Path:
    """The archive for that platform, with this kernel's modules; made where the cache does not have it. The one with
    ``docker``, or with ``more`` packages, is kept beside the other.

    Raises StageError.
    """
    suite = suite_of(platform)
    packages = (*PACKAGES, *(DOCKER[suite] if docker else ()), *more)
    kind = "-".join(("root", suite, *(["docker"] if docker else []), *more))
    key = hashlib.sha256(repr((packages, LEFT_OUT, core.package, WANTED)).encode()).hexdigest()[:12]
    if not (cache / f"{kind}.{key}").exists():
        need_mmdebstrap()
    return kept(cache, kind, key, partial(_make, suite, packages, core)) / CONTENT
