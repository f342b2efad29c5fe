"""Debian's own kernel, from its package: unpacked without root, kept by its version.

The package's image is compressed; the ELF file inside boots by itself (PVH, ``CONFIG_PVH``; QEMU since 4.0), which
saves an emulated processor the work of unpacking it at every boot.
"""

from __future__ import annotations

import lzma
import platform
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bailiwick.twin.stages.machine.cache import kept
from bailiwick.twin.stages.machine.cpio import Archive
from bailiwick.twin.stages.machine.modules import ModuleMissing, built_in, files_below, in_order
from bailiwick.twin.stages.namespaces import StageError

PACKAGE = "linux-image-amd64"  # the one for clouds has no PPPoE
XZ = b"\xfd7zXZ\x00"
IMAGE, MODULES, RELEASE, NAME = "vmlinux", "modules.cpio", "release", "package"
FORM = "2"
"""Of what is kept: another number when it is made differently."""

FIRST = ("virtio_pci", "virtio_console")
"""The wire to the one who watches."""
WANTED = (
    *("overlay", "veth", "bridge", "8021q", "br_netfilter", "tun", "dummy", "ifb", "macvlan", "vrf", "wireguard"),
    *("pppoe", "ppp_generic", "ppp_async", "ppp_synctty", "netconsole", "inet_diag", "tcp_diag", "udp_diag"),
    *("nf_tables", "nf_conntrack", "nf_nat", "nft_ct", "nft_nat", "nft_masq", "nft_redir", "nft_chain_nat"),
    *("nft_reject", "nft_reject_inet", "nft_reject_ipv4", "nft_reject_ipv6", "nft_reject_bridge", "nft_meta_bridge"),
    *("nft_log", "nft_limit", "nft_connlimit", "nft_quota", "nft_hash", "nft_numgen", "nft_fib", "nft_fib_inet"),
    *("nft_fib_ipv4", "nft_fib_ipv6", "nft_flow_offload", "nf_flow_table", "nf_flow_table_inet", "nft_tproxy"),
    *("nft_socket", "nft_queue", "nft_synproxy", "nft_objref", "nft_compat", "nft_dup_netdev", "nft_fwd_netdev"),
    *("nf_conntrack_bridge", "nf_log_syslog", "nfnetlink_log", "nfnetlink_queue", "nf_conntrack_netlink"),
    *("xt_conntrack", "xt_MASQUERADE", "xt_addrtype", "xt_comment", "xt_mark", "xt_nat", "xt_TCPMSS"),
    "xt_tcpudp",
    *("sch_ingress", "sch_htb", "sch_netem", "sch_fq_codel", "sch_cake", "cls_u32", "cls_matchall", "cls_flower"),
    *("act_mirred", "act_gact", "act_vlan"),
)


@dataclass(frozen=True, slots=True)
class Kernel:
    """``image`` is an ELF file, ``modules`` an archive with /modules/order and what it names."""

    image: Path
    modules: Path
    release: str  # as uname(2) has it
    package: str  # name and version


def _said(*command: str, cwd: Path | None = None) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        raise StageError(
            f"the virtual machine's kernel comes from Debian's packages, and there is no {command[0]}"
        ) from None
    if done.returncode:
        raise StageError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def _candidate() -> tuple[str, str]:
    """The package of the current kernel, by name and version, as apt's lists have it. Raises StageError."""
    if platform.machine() != "x86_64":
        raise StageError(f"the virtual machine is for x86-64 machines; this is {platform.machine()}")
    said = _said("apt-cache", "show", "--no-all-versions", PACKAGE)
    depends = re.search(r"^Depends: (linux-image-\S+) \(= ([^)]+)\)", said, re.MULTILINE)
    if depends is None:
        raise StageError(f"apt's lists have no {PACKAGE} with a kernel in it; run apt-get update on a Debian machine")
    return depends.group(1), depends.group(2)


def unpacked(image: bytes) -> bytes:
    """The ELF file in a compressed kernel image (scripts/extract-vmlinux). Raises StageError."""
    start = image.find(XZ)
    while start >= 0:
        try:
            inside = lzma.LZMADecompressor().decompress(image[start:])
        except lzma.LZMAError:
            inside = b""
        if inside.startswith(b"\x7fELF"):
            return inside
        start = image.find(XZ, start + 1)
    raise StageError("the kernel's image is compressed in an unknown way")


def _modules(directory: Path) -> bytes:
    archive = Archive()
    try:
        files, own = files_below(directory), built_in(directory)
        modules = in_order((*FIRST, *WANTED), files, own)
    except (ModuleMissing, ValueError) as error:
        raise StageError(str(error)) from None
    for module in modules:
        archive.file(f"/modules/{module.name}.ko", module.image)
    archive.file("/modules/order", "".join(f"{module.name}\n" for module in modules).encode())
    return archive.done()


def _make(name: str, version: str, directory: Path) -> None:
    with tempfile.TemporaryDirectory(dir=directory, prefix="work.") as work:
        try:
            _said("apt-get", "download", "--quiet", f"{name}={version}", cwd=Path(work))
        except StageError as error:
            why = str(error).splitlines()[-1]
            raise StageError(
                f"the virtual machine's kernel could not be fetched ({why}). Once it has been, no network is needed"
                f": connect, run apt-get update, and try again"
            ) from None
        package = next(Path(work).glob("*.deb"))
        tree = Path(work) / "tree"
        _said("dpkg-deb", "--extract", str(package), str(tree))
        image = next((tree / "boot").glob("vmlinuz-*"))
        release = image.name.removeprefix("vmlinuz-")
        (directory / IMAGE).write_bytes(unpacked(image.read_bytes()))
        # Since Debian 13 all of it lies below /usr.
        below = next(path for path in (tree / "usr/lib/modules", tree / "lib/modules") if path.is_dir())
        (directory / MODULES).write_bytes(_modules(below / release))
        (directory / RELEASE).write_text(release)
        (directory / NAME).write_text(f"{name} {version}")


def kernel(cache: Path) -> Kernel:
    """The current kernel of this machine's Debian release, fetched where the cache does not have it.

    Raises StageError.
    """
    if shutil.which("apt-cache") is None:
        raise StageError("the virtual machine's kernel comes from Debian's packages, and there is no apt-cache here")
    name, version = _candidate()
    key = re.sub(r"[^A-Za-z0-9.+~-]", "_", f"{name}_{version}_{FORM}")
    directory = kept(cache, "kernel", key, partial(_make, name, version))
    return Kernel(
        directory / IMAGE, directory / MODULES, (directory / RELEASE).read_text(), (directory / NAME).read_text()
    )
