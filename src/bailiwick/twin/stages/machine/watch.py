"""QEMU, watched: what the guest says is read until its time is up, and nothing of it outlives us.

Nothing of a run has a name on the disk: what the guest boots from and its console are files without one, and QEMU dies
with us (``PR_SET_PDEATHSIG``, set by setpriv(1)).
"""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bailiwick.twin.stages.machine.guest import PORT
from bailiwick.twin.stages.namespaces import StageError

QEMU = "qemu-system-x86_64"
TAIL = 15  # lines of the console
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Hardware:
    """``accelerator`` is QEMU's own word for it; ``memory`` in MiB."""

    accelerator: str = "tcg"
    processors: int = 2
    memory: int = 1536

    def options(self) -> list[str]:
        """For QEMU: no network card, no disk, nothing but processors, memory, a console and a port."""
        # Without 16-byte compare-and-swap: Linux 6.12 panics on the one that QEMU 7.2 emulates.
        cpu = "host" if self.accelerator == "kvm" else "max,-cx16"
        accelerator = "tcg,thread=multi" if self.accelerator == "tcg" else self.accelerator
        words = ["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-machine", "pc"]
        words += ["-accel", accelerator, "-cpu", cpu, "-smp", str(self.processors), "-m", str(self.memory)]
        return words


class Silent(StageError):
    """The guest did not say what was waited for."""


@dataclass(slots=True)
class Machine:
    """A running guest. ``console`` is all that its kernel and its first process printed."""

    process: subprocess.Popen[bytes]
    port: int
    console: IO[bytes]
    heard: bytearray = field(default_factory=bytearray)

    def listen(self, deadline: float, what: str) -> tuple[str, bytes]:
        """The next message: its word and its data. ``deadline`` is a time of time.monotonic().

        Raises Silent when it does not come in time, or the guest ends before.
        """
        while (message := self._message()) is None:
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self.port], [], [], max(left, 0))
            if not ready:
                raise Silent(f"the virtual machine {what}; {self.last_words()}")
            data = os.read(self.port, CHUNK)
            if not data:
                self.process.wait()
                raise Silent(f"the virtual machine ended by itself; {self.last_words()}")
            self.heard += data
        return message

    def _message(self) -> tuple[str, bytes] | None:
        head, newline, _ = bytes(self.heard[:64]).partition(b"\n")
        if not newline:
            return None
        word, _, length = head.decode("ascii").partition(" ")
        end = len(head) + 1 + int(length)
        if len(self.heard) < end:
            return None
        data = bytes(self.heard[len(head) + 1 : end])
        del self.heard[:end]
        return word, data

    def last_words(self) -> str:
        """The console's last lines, or QEMU's own."""
        self.console.seek(0)
        lines = [line.rstrip() for line in self.console.read().decode(errors="replace").splitlines() if line.strip()]
        if not lines:
            return "its console is empty"
        return "the last lines of its console:\n" + "\n".join(f"  {line}" for line in lines[-TAIL:])


def _together(parts: Sequence[Path | bytes]) -> int:
    """The parts one after the other in a file of memory."""
    whole = os.memfd_create("initrd", 0)
    for part in parts:
        if isinstance(part, bytes):
            with os.fdopen(os.dup(whole), "ab") as file:
                file.write(part)
            continue
        with part.open("rb") as source:
            left = os.fstat(source.fileno()).st_size
            while left:
                left -= os.sendfile(whole, source.fileno(), None, left)
    return whole


@contextmanager
def machine(
    hardware: Hardware, kernel: Path, initrd: Sequence[Path | bytes], words: str = "", more: Sequence[str] = ()
) -> Iterator[Machine]:
    """A guest that has just been switched on; it is ended with the block. ``words`` are more of the kernel's own,
    ``more`` of QEMU's (a disk, another clock).

    Raises StageError where there is no QEMU.
    """
    hear, speak = os.pipe()
    with (
        tempfile.TemporaryFile() as console,
        os.fdopen(_together(initrd), "rb") as start,
        os.fdopen(hear, "rb") as port,
    ):
        command = ["setpriv", "--pdeathsig", "KILL", QEMU, *hardware.options()]
        command += ["-kernel", str(kernel), "-initrd", f"/dev/fd/{start.fileno()}"]
        command += ["-append", f"console=ttyS0 quiet panic=-1 {words}".rstrip()]
        command += [
            "-chardev",
            f"file,id=console,path=/dev/fd/{console.fileno()},append=on",
            "-serial",
            "chardev:console",
        ]
        command += ["-chardev", f"file,id=port,path=/dev/fd/{speak},append=on", "-device", "virtio-serial-pci"]
        command += ["-device", f"virtserialport,chardev=port,name={PORT}", *more]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                pass_fds=(start.fileno(), console.fileno(), speak),
            )
        finally:
            os.close(speak)
        try:
            yield Machine(process, port.fileno(), console)
        finally:
            process.kill()
            process.wait()
