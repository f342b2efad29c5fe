"""A disk is made of QEMU's log: what a flush has kept is there, and what came after it may be."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.agent.guest.power.log import BLOCK, FLUSH, FUA, Write, count, replay, survivors, writes

WRITES = [Write(0, BLOCK, 0, 0), Write(0, 0, FLUSH, 0), Write(BLOCK, 8 * BLOCK, 0, 0), Write(BLOCK, BLOCK, 0, 0)]


def test_without_a_cache_of_its_own_nothing_is_lost_that_was_flushed() -> None:
    assert survivors(WRITES, None) == WRITES[:2]
    assert survivors(WRITES[:1], None) == []
    past = Write(0, BLOCK, FUA, 0)
    assert survivors([*WRITES[:1], past], None) == [past]


def test_any_part_of_the_rest_may_be_there() -> None:
    kept = survivors(WRITES, random.Random(1))
    blocks = {one.at for one in kept[2:]}
    assert kept[:2] == WRITES[:2]
    assert blocks < {BLOCK * number for number in range(1, 10)}
    assert blocks
    assert {survivors(WRITES, random.Random(seed))[-1].at for seed in range(20)} != {kept[-1].at}


@pytest.mark.real
def test_qemu_logs_what_is_written_and_flushed(tmp_path: Path) -> None:
    if shutil.which("qemu-io") is None:
        pytest.skip("no qemu-io here (Debian's package qemu-utils)")
    disk, log, other = tmp_path / "disk", tmp_path / "log", tmp_path / "other"
    for path in (disk, other):
        path.write_bytes(bytes(64 * BLOCK))
    log.write_bytes(b"")
    options = f"driver=blklogwrites,file.driver=file,file.filename={disk},log.driver=file,log.filename={log}"
    said = ("write -P 1 8k 8k", "flush", "write -P 2 32k 4k", "write -P 3 12k 4k")
    commands = [word for line in said for word in ("-c", line)]
    subprocess.run(["qemu-io", *commands, "--image-opts", options], check=True, capture_output=True, timeout=60)
    done = writes(log)
    assert len(done) == count(log)
    assert [(one.at, one.size, one.flags & FLUSH) for one in done[:4]] == [
        (2 * BLOCK, 2 * BLOCK, 0),
        (0, 0, FLUSH),
        (8 * BLOCK, BLOCK, 0),
        (3 * BLOCK, BLOCK, 0),
    ]
    replay(log, survivors(done[:4], None), other)
    assert other.read_bytes() == bytes(2 * BLOCK) + b"\1" * 2 * BLOCK + bytes(60 * BLOCK)
    replay(log, done, other)
    assert other.read_bytes() == disk.read_bytes()


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(bytes(BLOCK))
    with pytest.raises(ValueError, match="no log of writes"):
        writes(log)
