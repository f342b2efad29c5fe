"""A script acted out in a virtual machine."""

from __future__ import annotations

import os
import pickle
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bailiwick.twin.options import CONTAINERS
from bailiwick.twin.stages.machine import docker
from bailiwick.twin.stages.machine.cache import cache_directory
from bailiwick.twin.stages.machine.cpio import Archive
from bailiwick.twin.stages.machine.guest import FAULT, HELLO, PART, SEEN, script_path
from bailiwick.twin.stages.machine.kernel import kernel
from bailiwick.twin.stages.machine.system import system
from bailiwick.twin.stages.machine.watch import QEMU, Hardware, Machine, Silent, machine
from bailiwick.twin.stages.namespaces import StageError, missing_tools
from bailiwick.twin.stages.progress import Listener

if TYPE_CHECKING:
    from bailiwick.twin.script import Script, Seen

KVM = Path("/dev/kvm")
PROMPT = 10.0
"""Seconds until the first word under KVM, which boots in one; within another virtual machine guests may hang."""
BOOT = 120.0
"""Seconds until the first word of an emulated processor, on a busy machine."""
MEMORY, WITH_DOCKER = 1536, 2560  # MiB: what the guest starts from is unpacked into it
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@contextmanager
def _booted(cache: Path, image: Path, initrd: Sequence[Path | bytes], memory: int) -> Iterator[tuple[Machine, str]]:
    """A guest that has said hello, and what runs it: KVM where it works, else QEMU's own emulation.

    That KVM did not work is remembered until this machine boots again. Raises StageError.
    """
    processors = min(os.cpu_count() or 1, 2)
    refused = cache / "kvm-does-not-work"
    boot_id = BOOT_ID.read_text()
    if os.access(KVM, os.R_OK | os.W_OK) and not (refused.exists() and refused.read_text() == boot_id):
        with machine(Hardware("kvm", processors, memory), image, initrd) as guest:
            try:
                guest.listen(time.monotonic() + PROMPT, "said nothing under KVM")
                works = True
            except Silent:
                works = False
            if works:
                yield guest, "KVM"
                return
        refused.write_text(boot_id)
    with machine(Hardware("tcg", processors, memory), image, initrd) as guest:
        word, _ = guest.listen(time.monotonic() + BOOT, f"did not start within {BOOT:g} seconds")
        if word != HELLO:
            raise StageError(f"the virtual machine began with {word!r}")
        yield guest, "emulated"


def perform(script: Script, deadline: float, listener: Listener | None = None) -> Seen:
    """Act the script out in a guest of its own and return what was seen; ``listener`` hears of each part that is done.

    ``deadline`` is in seconds from when the guest has started. Raises StageError when there can be no guest here, it
    does not start, or does not finish in time, and RuntimeError when the fault is this program's own.
    """
    (seen,) = perform_each((script,), deadline, listener)
    if isinstance(seen, StageError):
        raise seen
    return seen


def perform_each(
    scripts: Sequence[Script], deadline: float, listener: Listener | None = None
) -> tuple[Seen | StageError, ...]:
    """Act several out in one guest, one after the other, each on a stage of its own; ``deadline`` is for each.

    One that could not be acted out has its StageError in its place. Raises as ``perform`` does when the guest does not
    start, does not finish, or the fault is this program's own.
    """
    missing = [*missing_tools()]
    if shutil.which(QEMU) is None:
        missing.append(f"{QEMU} (Debian's package qemu-system-x86)")
    if missing:
        raise StageError(f"not found on this machine: {', '.join(missing)}")
    began = time.monotonic()
    cache = cache_directory()
    core = kernel(cache)
    own = system(cache)
    payload = Archive()
    for number, script in enumerate(scripts):
        payload.file(script_path(number), pickle.dumps(script))
    parts: list[Path | bytes] = [core.modules, own, payload.done()]
    memory = MEMORY
    if any(CONTAINERS in script.options.acts for script in scripts):
        parts.append(docker.archive(cache))
        memory = WITH_DOCKER
    made = time.monotonic()
    with _booted(cache, core.image, parts, memory) as (guest, accelerator):
        up = time.monotonic()
        if listener is not None:
            listener("boot")
        told = [_acted_out(guest, deadline, listener) for _ in scripts]
    stage = f"a virtual machine ({accelerator}): Linux {core.release}, {core.package}"
    seconds = (("made", made - began), ("boot", up - made))
    return tuple(
        replace(one, stage=stage, seconds=(*seconds, *one.seconds)) if not isinstance(one, StageError) else one
        for one in told
    )


def _acted_out(guest: Machine, deadline: float, listener: Listener | None) -> Seen | StageError:
    """What the guest tells of its next script. Raises StageError and RuntimeError as ``perform`` does."""
    end = time.monotonic() + deadline
    word = PART
    while word == PART:
        word, data = guest.listen(end, f"did not finish within {deadline:g} seconds")
        if word == PART and listener is not None:
            listener(data.decode())
    if word == FAULT:
        raise RuntimeError(f"in the virtual machine:\n{data.decode(errors='replace')}")
    if word != SEEN:
        return StageError(data.decode(errors="replace"))
    seen: Seen = pickle.loads(data)
    return seen
