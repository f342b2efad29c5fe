"""The machine to be cut: switched on with a disk, told what to do, and heard until it has done it or has no power."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bailiwick.twin import StageError
from bailiwick.twin.script import Script
from bailiwick.twin.stages.booted.performing import BOOT
from bailiwick.twin.stages.booted.root import root
from bailiwick.twin.stages.machine.cache import cache_directory
from bailiwick.twin.stages.machine.guest import FAULT, PART, SEEN
from bailiwick.twin.stages.machine.kernel import kernel
from bailiwick.twin.stages.machine.watch import Hardware, Machine, machine
from tests.agent.guest.guest import MORE, laid, platform
from tests.agent.guest.image import drive_modules, image
from tests.agent.guest.power import log as written
from tests.agent.guest.power.disk import initrd, make
from tests.agent.guest.power.inside import ORDERS, Did, Standing

MEMORY = 2048  # MiB
DEADLINE = 1200.0  # seconds for the orders of one boot
OFF = 120.0  # seconds to go down in order
DEAD = "1970-01-01T00:00:00"
"""What a clock without a battery says."""

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Power:
    """What one boot did. ``marks``: how many entries the log of writes had when a moment was told. ``found`` is empty
    where the power was cut."""

    found: list[Standing | Did]
    marks: dict[str, int]
    seconds: float

    @property
    def standing(self) -> Standing:
        """What the first look saw."""
        return next(one for one in self.found if isinstance(one, Standing))


class Ground:
    """A stranger's Debian on a disk below ``directory``. Raises StageError."""

    def __init__(self, directory: Path, script: Script, homes: dict[str, str]) -> None:
        cache = cache_directory()
        core = kernel(cache)
        self.directory = directory
        self.image = image(cache, core)
        self.blank = directory / "blank"
        base = root(cache, platform(), core, more=MORE)
        over = laid(script, homes, "tests.agent.guest.power.unit").done()
        self.initrd = initrd(make(base, over, self.blank), drive_modules(cache, core))

    def boot(
        self,
        disk: Path,
        orders: Sequence[str],
        *,
        cut: str = "",
        log: Path | None = None,
        clock: str = "",
        told: Told | None = None,
    ) -> Power:
        """Boot from ``disk`` and obey; the power is cut at the moment ``cut``. ``log`` becomes the log of its writes.
        ``clock``: what the clock that has a battery says, in UTC ("": as it is).

        Raises StageError where it does not boot, or finish in time, or the moment never comes.
        """
        began = time.monotonic()
        hardware = Hardware("tcg", min(os.cpu_count() or 1, 2), MEMORY)
        words = f"rdinit=/init systemd.show_status=yes {ORDERS}{','.join(orders)}"
        more = ["-blockdev", _blockdev(disk, log), "-device", "virtio-blk-pci,drive=disk"]
        more += ["-rtc", f"base={clock}"] if clock else []
        marks: dict[str, int] = {}
        with machine(hardware, self.image, (self.initrd,), words, more) as guest:
            guest.listen(time.monotonic() + BOOT, f"did not boot within {BOOT:g} seconds")
            end = time.monotonic() + DEADLINE
            word, data = PART, b""
            while word == PART:
                if told is not None and data:
                    told(f"{time.monotonic() - began:.0f} s: {data.decode()}")
                if data.startswith(b"at "):
                    name = data.decode().removeprefix("at ")
                    if name == cut:
                        guest.process.kill()  # at once: nothing of QEMU's own comes to the disk any more
                        guest.process.wait()
                    marks[name] = written.count(log) if log is not None else 0
                    if name == cut:
                        return Power([], marks, time.monotonic() - began)
                word, data = guest.listen(end, f"did not finish within {DEADLINE:g} seconds")
            if word == FAULT:
                raise RuntimeError(data.decode(errors="replace"))
            if word != SEEN:
                raise StageError(data.decode(errors="replace"))
            found = pickle.loads(data)
            if cut:
                raise StageError(f"{cut} never came: {found}")
            if orders[-1] == "off":
                _wait_until_off(guest)
        return Power(found, marks, time.monotonic() - began)


def _wait_until_off(guest: Machine) -> None:
    guest.process.wait(OFF)


def _blockdev(disk: Path, log: Path | None) -> str:
    """With a cache of QEMU's host, and flushes that the guest asks for done (qemu(1), cache=writeback)."""
    if log is None:
        return f"driver=file,node-name=disk,filename={disk}"
    log.write_bytes(b"")
    return (
        f"driver=blklogwrites,node-name=disk,file.driver=file,file.filename={disk}"
        f",log.driver=file,log.filename={log},log-super-update-interval=1"
    )
