"""A guest is listened to until its time is up, and ended."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bailiwick.twin.stages.machine import watch
from bailiwick.twin.stages.machine.guest import frame
from bailiwick.twin.stages.machine.watch import Hardware, Silent, machine

PORT = 'port=$(printf "%s\\n" "$@" | sed -n "s/.*id=port,path=\\([^,]*\\).*/\\1/p")\n'


@pytest.fixture
def guest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program to be started in QEMU's place; its text is for the test to write."""
    program = tmp_path / "qemu"
    program.touch(0o755)
    monkeypatch.setattr(watch, "QEMU", str(program))
    return program


def ended(process: int) -> bool:
    return not Path(f"/proc/{process}").exists()


def test_one_that_says_nothing_is_ended(guest: Path) -> None:
    guest.write_text("#!/bin/sh\necho starting\necho BUG: soft lockup\nexec sleep 1000\n")

    with machine(Hardware(), guest, ()) as running:
        deadline = time.monotonic() + 60
        while "lockup" not in running.last_words() and time.monotonic() < deadline:
            time.sleep(0.01)
        with pytest.raises(Silent, match=r"did not start; the last lines of its console:\n.*starting\n.*soft lockup"):
            running.listen(time.monotonic(), "did not start")
        assert not ended(running.process.pid)
    assert ended(running.process.pid)


def test_one_that_ends_leaves_its_last_words(guest: Path) -> None:
    guest.write_text("#!/bin/sh\necho Kernel panic - not syncing\n")

    with (
        machine(Hardware(), guest, ()) as running,
        pytest.raises(Silent, match=r"ended by itself; (.|\n)*not syncing"),
    ):
        running.listen(time.monotonic() + 60, "did not start")


def test_messages_come_whole_and_in_order(guest: Path) -> None:
    long = bytes(range(256)) * 4096
    said = guest.with_name("said")
    said.write_bytes(frame("hello", b"6.1") + frame("seen", long) + b"broken")
    guest.write_text(f'#!/bin/sh\n{PORT}cat {said} >"$port"\n')

    with machine(Hardware(), guest, ()) as running:
        deadline = time.monotonic() + 60
        assert running.listen(deadline, "") == ("hello", b"6.1")
        assert running.listen(deadline, "") == ("seen", long)
        with pytest.raises(Silent):
            running.listen(deadline, "")


def test_what_it_boots_from_is_the_parts_in_a_row(guest: Path) -> None:
    part = guest.with_name("part")
    part.write_bytes(b"one")
    script = 'while [ "$1" != -initrd ]; do shift; done; content=$(cat "$2")\n'
    guest.write_text(f'#!/bin/sh\n{PORT}{script}printf "x %d\\n%s" ${{#content}} "$content" >"$port"\n')

    with machine(Hardware(), guest, (part, b"two", part)) as running:
        assert running.listen(time.monotonic() + 60, "") == ("x", b"onetwoone")
