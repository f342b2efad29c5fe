"""A disk that is really full, out of inodes, or read-only, in a mount namespace of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.agent.store.tracing import WRITER, quiet
from tests.agent.store.wholeness import judge
from tests.agent.store.writer import UNLOOKED

pytestmark = [pytest.mark.real, pytest.mark.skipif(os.geteuid() != 0, reason="mounts")]


def applied(prepared: Path, folder: Path, options: str, before: str) -> subprocess.CompletedProcess[str]:
    """One apply on a tmpfs with those options, after the shell line ``before``; what is on it then is copied out to
    ``folder``/left."""
    disk = folder / "disk"
    disk.mkdir()
    script = f"""
        mount -t tmpfs -o mode=755,{options} tmpfs {disk} && cp -a {prepared} {disk}/root && {{ {before}; }} || exit 9
        {" ".join(WRITER)} {disk}/root
        ended=$?
        mount -o remount,rw,size=0,nr_inodes=0 {disk}
        cp -a {disk}/root {folder}/left || exit 9
        exit $ended"""
    return subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env=quiet(),
    )


@pytest.mark.parametrize(
    ("options", "before", "said"),
    [
        ("size=3m", "true", "KiB are free, and"),
        ("size=64m,nr_inodes=60", "true", "more files fit there, and"),
        ("size=64m", "mount -o remount,ro {disk}", "Read-only file system"),
    ],
)
def test_a_disk_that_cannot_hold_it_is_refused_in_a_sentence(
    prepared: Path, tmp_path: Path, options: str, before: str, said: str
) -> None:
    ended = applied(prepared, tmp_path, options, before.format(disk=tmp_path / "disk"))

    assert ended.returncode == 3, ended
    assert said in ended.stdout
    assert ended.stdout.count("\n") == 1
    assert judge(tmp_path / "left") == 1
    assert not (tmp_path / "left/var/lib/bailiwick/generations/2").exists()


@pytest.mark.slow
def test_a_disk_that_another_fills_meanwhile_leaves_it_whole(prepared: Path, tmp_path: Path) -> None:
    """Room was looked for, and then is gone: at every amount that is left, page by page."""
    ends: set[int] = set()
    for pages in range(0, 40, 3):
        folder = tmp_path / str(pages)
        folder.mkdir()
        disk = folder / "disk"
        fill = f"head -c 100M /dev/zero > {disk}/rest; truncate -s -{pages * 4096} {disk}/rest"
        ended = applied(prepared, folder, "size=8m", f"{fill}; export {UNLOOKED}=1")
        assert ended.returncode in (0, 3), ended
        assert "Traceback" not in ended.stderr
        ends.add(ended.returncode)
        judge(folder / "left")
        shutil.rmtree(folder)

    assert ends == {0, 3}
