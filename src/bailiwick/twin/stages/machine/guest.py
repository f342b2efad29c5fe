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
SCRIPT, SCRIPTS = Path("/script"), Path("/scripts")
"""Where a guest of one script has it, and one of several."""
HELLO, PART, SEEN, WORLD, FAULT = "hello", "part", "seen", "world", "fault"
MODULES = Path("/modules")
LAST_OF_FIRST = "virtio_console"
"""Up to here modules are loaded before the port is opened, the rest while Python loads its own."""
MOUNTS = (("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev"), ("devpts", "/dev/pts"))
FINIT_MODULE = 313  # x86-64: linux/arch/x86/entry/syscalls/syscall_64.tbl
NO_DEVICE = 19  # ENODEV: an algorithm for another processor
PATIENCE = 10.0  # seconds until the port is there

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWPID, CLONE_NEWNET = 0x20000, 0x4000000, 0x20000000, 0x40000000  # sched.h

_speaking = Lock()
_libc = ctypes.CDLL(None, use_errno=True)


def frame(word: str, data: bytes) -> bytes:
    """One message as it goes over the port."""
    return f"{word} {len(data)}\n".encode() + data


def script_path(number: int) -> str:
    """Where the guest finds a script; they are numbered from 0."""
    return str(SCRIPTS / str(number))


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


def open_port(patience: float = PATIENCE) -> int:
    """The virtio port, for writing. Raises OSError when there is none within ``patience`` seconds."""
    deadline = time.monotonic() + patience
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


def _perform(path: Path) -> tuple[str, bytes]:
    from bailiwick.twin.scene.namespaces import CommandFailed  # noqa: PLC0415
    from bailiwick.twin.stages.acting import act  # noqa: PLC0415

    with path.open("rb") as file:
        script = pickle.load(file)
    try:
        return SEEN, pickle.dumps(act(script, time.monotonic()))
    except (CommandFailed, OSError) as error:
        return WORLD, str(error).encode()


def _faultless(path: Path) -> tuple[str, bytes]:
    """The same; a fault of the program's own is told in full."""
    try:
        return _perform(path)
    except BaseException:  # noqa: BLE001
        return FAULT, traceback.format_exc().encode()


def _apart(path: Path) -> tuple[str, bytes]:
    """The script acted out with networks, mounts and processes of its own, of which the kernel leaves nothing when the
    first of these ends (pid_namespaces(7))."""
    hear, speak = os.pipe()
    outer = os.fork()
    if outer == 0:
        os.close(hear)
        if _libc.unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWNET):
            os.write(speak, frame(FAULT, os.strerror(ctypes.get_errno()).encode()))
        elif inner := os.fork():
            os.waitpid(inner, 0)
        else:
            _libc.mount(b"proc", b"/proc", b"proc", 0, None)
            with os.fdopen(speak, "wb") as mouth:
                mouth.write(frame(*_faultless(path)))
        os._exit(0)
    os.close(speak)
    with os.fdopen(hear, "rb") as ear:
        said = ear.read()
    os.waitpid(outer, 0)
    head, _, data = said.partition(b"\n")
    return (head.split()[0].decode(), data) if head else (FAULT, b"it ended without a word")


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
    # After the hello: loading them takes an emulated processor seconds.
    import bailiwick.twin.stages.acting  # noqa: F401, PLC0415

    loader.join()
    for number in range(len(list(SCRIPTS.iterdir()))):
        tell_by(port, *_apart(Path(script_path(number))))
    while True:
        signal.pause()
