"""One at a time, by name; a dead holder is found and named."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bailiwick.agent.disk import durable
from bailiwick.agent.disk.lock import Held, lock
from bailiwick.agent.places import Places

HOLDING = """
import sys
from pathlib import Path
from bailiwick.agent.disk.lock import lock
from bailiwick.agent.places import Places
with lock(Places(Path(sys.argv[1])), "ann"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the lock of ``tmp_path``."""
    started = [sys.executable, "-c", HOLDING, str(tmp_path)]
    with subprocess.Popen(started, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_is_refused_and_told_who_has_it(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with (
        pytest.raises(Held, match=rf"ann is at it \(process {holder.pid}, since 20") as refused,
        lock(Places(tmp_path), "bob"),
    ):
        pass

    assert (refused.value.owner, refused.value.pid) == ("ann", holder.pid)
    assert refused.value.holder.lives


def test_the_lock_of_a_dead_process_is_found_named_and_taken(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()

    with lock(Places(tmp_path), "bob") as dead:
        assert dead is not None
        assert (dead.owner, dead.pid, dead.lives) == ("ann", holder.pid, False)
    with lock(Places(tmp_path), "bob") as dead:
        assert dead is None


def test_one_that_was_let_go_is_nobodys(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.communicate("")

    with lock(Places(tmp_path), "bob") as dead:
        assert dead is None


def test_it_is_let_go_by_whatever_ends_the_block(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), lock(Places(tmp_path), "ann"):
        raise RuntimeError
    with lock(Places(tmp_path), "ann") as dead:
        assert dead is None
    with lock(Places(tmp_path), "ann"), pytest.raises(Held), lock(Places(tmp_path), "ann"):
        pass


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', "\0\0"])
def test_a_holder_who_died_before_naming_itself_is_in_nobodys_way(tmp_path: Path, text: str) -> None:
    places = Places(tmp_path)
    durable.directory(places.lock.parent)
    places.lock.write_text(text)

    with lock(places, "bob") as dead:
        assert dead is None
        assert json.loads(places.lock.read_text())["owner"] == "bob"


def test_what_others_put_in_its_place_is_put_aside(tmp_path: Path) -> None:
    places = Places(tmp_path)
    durable.directory(places.lock.parent)
    (tmp_path / "theirs").write_text("theirs")
    places.lock.symlink_to(tmp_path / "theirs")

    with lock(places, "bob"):
        assert places.lock.is_file()
        assert not places.lock.is_symlink()
    assert (tmp_path / "theirs").read_text() == "theirs"


@pytest.mark.real
@pytest.mark.skipif(os.geteuid() != 0, reason="gives a file away")
def test_a_file_of_another_user_where_all_may_write_is_put_aside(tmp_path: Path) -> None:
    places = Places(tmp_path)
    durable.directory(places.lock.parent)
    places.lock.parent.chmod(0o1777)
    places.lock.write_text("")
    os.chown(places.lock, 65534, 65534)

    with lock(places, "bob"):
        assert places.lock.stat().st_uid == 0


def test_a_directory_in_its_place_is_a_sentence(tmp_path: Path) -> None:
    places = Places(tmp_path)
    durable.directory(places.lock)

    with pytest.raises(durable.NotWritten, match="Is a directory"), lock(places, "bob"):
        pass
