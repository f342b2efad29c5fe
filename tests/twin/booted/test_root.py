"""What the booted stage starts from: a root out of a tar, a kernel's modules, and what is laid over both."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from bailiwick.twin.layout import lay_out
from bailiwick.twin.options import IN_A_BOOTED_ONE
from bailiwick.twin.script import Script
from bailiwick.twin.stages.booted.performing import payload
from bailiwick.twin.stages.booted.root import archive_of, modules_in, root
from bailiwick.twin.stages.machine.cpio import Archive
from bailiwick.twin.stages.machine.kernel import Kernel
from bailiwick.twin.stages.namespaces import StageError
from tests.twin.homes import home

KERNEL = Kernel(Path("/vmlinux"), Path("/modules"), "6.1.0", "linux 6.1")


def _listed(archive: bytes) -> str:
    return subprocess.run(["busybox", "cpio", "-tv"], input=archive, check=True, capture_output=True).stdout.decode()


def test_the_modules_of_a_kernels_archive_come_back() -> None:
    archive = Archive()
    archive.file("/modules/veth.ko", b"one")
    archive.file("/modules/nf_nat.ko", b"three!")
    archive.file("/modules/order", b"veth\nnf_nat\n")

    assert modules_in(archive.done()) == {"veth.ko": b"one", "nf_nat.ko": b"three!"}


@pytest.mark.real
def test_a_root_keeps_owners_modes_and_links(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "root.tar", "w") as tar:
        for name, mode, owner, data in (
            ("./usr/bin/ping", 0o4755, 0, b"ping"),
            ("./var/lib/one", 0o640, 102, b"secret"),
            ("./dev/sda", 0o600, 0, b""),
        ):
            member = tarfile.TarInfo(name)
            member.mode, member.uid, member.gid, member.size = mode, owner, owner, len(data)
            tar.addfile(member, io.BytesIO(data))
        for name, kind, target in (
            ("./usr/bin/pong", tarfile.LNKTYPE, "./usr/bin/ping"),
            ("./bin", tarfile.SYMTYPE, "usr/bin"),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            tar.addfile(member)
    archive = archive_of(tmp_path / "root.tar")
    lines = {line.rsplit(maxsplit=1)[-1]: line for line in _listed(archive).splitlines() if " -> " not in line}

    assert lines["usr/bin/ping"].startswith("-rwsr-xr-x")
    assert "102/102" in lines["var/lib/one"]
    assert "usr/bin/pong" in lines
    assert archive.count(b"ping") >= 3  # two names, and the content under the second as well
    assert "dev/sda" not in lines
    assert "bin -> usr/bin" in _listed(archive)


@pytest.mark.real
def test_the_files_lie_in_the_payload_and_the_units_are_named() -> None:
    one = home("public-apps")
    layout = lay_out(one.network, one.plan, {})
    laid = payload(Script(one.network, one.plan, one.tree, layout, (), IN_A_BOOTED_ONE))
    listed = _listed(laid)

    for artifact in one.tree.artifacts:
        assert f" {artifact.path[1:]}\n" in listed
    assert b"systemctl enable " + " ".join(one.tree.enable).encode() in laid
    assert b"systemctl mask " + " ".join(one.tree.disable).encode() in laid


def test_an_unknown_platform_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="no Debian to boot for the platform alpine"):
        root(tmp_path, "alpine", KERNEL)


def test_no_root_without_mmdebstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(StageError, match="mmdebstrap"):
        root(tmp_path, "debian-12", KERNEL)
