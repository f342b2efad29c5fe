"""What was judged, as a page."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import date

from tests.agent.guest.power.trial import Judged

HEAD = """\
# Power cuts

A router that is a virtual machine with a disk: Debian with its own kernel and systemd, the whole root on ext4. Over ssh
from the management zone its owner applies another home to it, with one zone more. At a moment of that apply QEMU is
killed (SIGKILL), and the machine boots again from the disk.

That loses all that the machine had in its memory: whatever no flush had brought from its kernel's cache to the disk.
What QEMU had written by then is with the host's kernel, and a kill leaves it there: the disk has *all of it*. A disk
with a cache of its own may lose, when the power goes, whatever came after the last flush that it acknowledged. So QEMU
logs each write and each flush (`blklogwrites`), and the machine boots from such a disk, too: of the writes since the
last flush it has *nothing of it*, or *any part of it*, each 4 KiB by the throw of a die with a seed. Rows *by the log*
are not of a kill: their disk is made of the log of one whole apply, up to a moment of it or to any write. Not played: a
disk that tears 4 KiB, and one that acknowledges a flush and lies.

A clock whose battery is dead says 1970 when the machine is switched on. systemd then brings it on to the day of its
own building (systemd(1)), so that it is more than a month behind.

Held to, each time: the generation that stands is the last one that was confirmed, whole: rules, addresses, links,
routes, policy routing, files and units are as after an orderly boot of it, as plain tools show them; no apply is open
any more; the history says so; ssh answers from the management zone; and where another apply follows, it works.

An earlier run found one that was not held: after the window's end and before the history's line of it, the new
generation stood whole and its line was missing. The boot writes it since (`tests/agent/course/test_interrupted.py`).

Written by `python -m tests.agent.guest.power --write`, which anyone can run as root; {when}, QEMU on Linux {kernel}:
{counts}.

| the power goes | writes since the last flush | verdict | stands in the end | the next apply | seconds |
|---|---|---|---|---|---|
"""
HELD = "held"


def key(line: str) -> tuple[str, str]:
    """Of a row: when the power goes, and what of it the disk has."""
    cells = line.split(" | ")
    return cells[0].removeprefix("| "), cells[1]


def rows_of(text: str) -> dict[tuple[str, str], str]:
    """Of a page."""
    lines = [line for line in text.splitlines() if line.count(" | ") == 5 and not line.startswith("| the power")]
    return {key(line): line for line in lines}


def page(judged: Sequence[Judged], before: str, order: Sequence[tuple[str, str]]) -> str:
    """Markdown, in ``order``. Of what was not judged now, the row of the page before."""
    rows = rows_of(before) | {(one.what, one.disk): _row(one) for one in judged}
    lines = [rows[one] for one in order if one in rows]
    held = sum(line.split(" | ")[2] == HELD for line in lines)
    kernel = platform.release().split("-")[0]
    return HEAD.format(when=date.today(), kernel=kernel, counts=f"{len(lines)} boots, {held} held") + "".join(
        f"{line}\n" for line in lines
    )


def _row(one: Judged) -> str:
    verdict = f"violated: {one.wrong[0]}".replace("|", "\\|").replace("\n", " ")[:200] if one.wrong else HELD
    return f"| {one.what} | {one.disk} | {verdict} | {one.stands} | {one.following or '–'} | {one.seconds:.0f} |"
