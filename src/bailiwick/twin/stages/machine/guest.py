"""The guest's first process: makes a working Linux of the bare kernel, acts the script out, tells what it saw.

It speaks by a virtio port, in frames: a word, a length in bytes, and that many bytes.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import platform
import signal
import time
import traceback
from pathlib import Path
from threading import Lock, Thread
from typing import NoReturn

from bailiwick.twin.stages.namespaces import ENVIRONMENT
from bailiwick.twin.stages.progress import VARIABLE

PORT = "bailiwick"
SCRIPT = Path("/script")
HELLO, PART, SEEN, WORLD, FAULT = "hello", "part", "seen", "world", "fault"
MODULES = Path("/modules")
LAST_OF_FIRST = "virtio_console"
"""Up to here modules are loaded before the port is opened, the rest while Python loads its own."""
MOUNTS = (("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev"), ("devpts", "/dev/pts"))
FINIT_MODULE = 313  # x86-64: linux/arch/x86/entry/syscalls/syscall_64.tbl
NO_DEVICE = 19  # ENODEV: an algorithm for another processor
PATIENCE = 10.0  # seconds until the port is there

_speaking = Lock()
_libc = ctypes.CDLL(None, use_errno=True)


def frame(word: str, data: bytes) -> bytes:
    """One message as it goes over the port."""
    return f"{word} {len(data)}\n".encode() + data


def _mount() -> None:
    for kind, place in MOUNTS:
        Path(place).mkdir(parents=True, exist_ok=True)
        if _libc.mount(kind.encode(), place.encode(), kind.encode(), 0, None):
            raise OSError(ctypes.get_errno(), f"mounting {kind} at {place}")


def _load(names: list[str]) -> None:
    """Says on the console what would not load; whoever needs it fails, and says so."""
    for name in names:
        with (MODULES / f"{name}.ko").open("rb") as image:
            if _libc.syscall(FINIT_MODULE, image.fileno(), b"", 0) and ctypes.get_errno() != NO_DEVICE:
                print(f"module {name}: {os.strerror(ctypes.get_errno())}", flush=True)  # noqa: T201  # the console


def open_port() -> int:
    """The virtio port, for writing. Raises OSError when there is none in time."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for name in Path("/sys/class/virtio-ports").glob("*/name"):
            device = Path("/dev") / name.parent.name
            if name.read_text().strip() == PORT and device.exists():
                return os.open(device, os.O_WRONLY | os.O_CLOEXEC)
        time.sleep(0.01)
    raise OSError("the virtio port did not appear")


def tell_by(port: int, word: str, data: bytes) -> None:
    """One message, whole, whichever thread speaks."""
    rest = memoryview(frame(word, data))
    with _speaking:
        while rest:
            rest = rest[os.write(port, rest) :]


def _pass_on(reading: int, port: int) -> None:
    with os.fdopen(reading, "rb") as parts:
        for part in parts:
            tell_by(port, PART, part.rstrip(b"\n"))


def _perform(loader: Thread) -> tuple[str, bytes]:
    # After the hello: loading them takes an emulated processor seconds.
    from bailiwick.twin.scene.namespaces import CommandFailed  # noqa: PLC0415
    from bailiwick.twin.stages.acting import act  # noqa: PLC0415

    with SCRIPT.open("rb") as file:
        script = pickle.load(file)
    loader.join()
    try:
        return SEEN, pickle.dumps(act(script, time.monotonic()))
    except (CommandFailed, OSError) as error:
        return WORLD, str(error).encode()


def main() -> NoReturn:
    """Never returns: the kernel panics when its first process ends (kernel/exit.c), so this one waits to be ended."""
    gc.disable()  # nearly all that a trial makes is kept to its end: looking for what is not takes a third of its time
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    _mount()
    names = (MODULES / "order").read_text().split()
    first = names.index(LAST_OF_FIRST) + 1
    _load(names[:first])
    port = open_port()
    tell_by(port, HELLO, platform.release().encode())
    loader = Thread(target=_load, args=(names[first:],))
    loader.start()
    parts, told = os.pipe()
    os.environ[VARIABLE] = str(told)
    Thread(target=_pass_on, args=(parts, port), daemon=True).start()
    try:
        word, data = _perform(loader)
    except BaseException:  # noqa: BLE001  # told in full: it is a fault of the program's own
        word, data = FAULT, traceback.format_exc().encode()
    tell_by(port, word, data)
    while True:
        signal.pause()
