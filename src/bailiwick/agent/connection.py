"""When the connection began that carries this command, and by which of the device's addresses it came.

A word that is given over an old connection proves nothing about the new rules: established connections outlive them.
So the daemon above this process is looked up in /proc (proc(5)): the one that serves this connection alone, forked when
the connection was taken. A shared connection (ControlMaster) and an old shell have an old one.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DAEMONS = frozenset({"sshd", "sshd-session", "sshd-auth", "dropbear"})
"""By the names of their programs: OpenSSH has three since 9.8."""
LISTENING = "0A"
ESTABLISHED = "01"
"""States in /proc/net/tcp (include/net/tcp_states.h)."""
OWN_TTYS = frozenset({4, 5, 204, 229})
"""Major numbers of virtual and serial consoles, of /dev/console, of ARM's serial ports and of a hypervisor's console
(Documentation/admin-guide/devices.txt). Pseudo-terminals, 136 to 143, may come from anywhere."""


class Unknown(Exception):
    """Nobody can say by which connection this command came."""


@dataclass(frozen=True, slots=True)
class Process:
    """``began`` in seconds of CLOCK_BOOTTIME, rounded down to a tick (1/100 s); ``tty`` a device number, 0 for none."""

    pid: int
    parent: int
    program: str
    tty: int
    began: float


@dataclass(frozen=True, slots=True)
class Socket:
    """One line of /proc/net/tcp or tcp6; both ends' addresses as text."""

    inode: str
    state: str
    local: str
    remote: str


def began(pid: int | None = None, proc: Path = Path("/proc")) -> float | None:
    """When the connection above ``pid`` (this process) began; None for the machine's own console. Raises Unknown."""
    chain = list(_chain(pid or os.getpid(), proc))
    daemons = [each for each in chain if each.program in DAEMONS]
    serving = [each for each in daemons if not _listens(each, proc)]
    if serving:
        return min(each.began for each in serving)
    if daemons:
        raise Unknown("the SSH daemon above this command listens itself: which connection is meant, nobody can say")
    if os.major(chain[0].tty) in OWN_TTYS:
        return None
    raise Unknown("this command came neither by SSH nor from the machine's own console: it proves no way to the device")


def ends(pid: int | None = None, proc: Path = Path("/proc")) -> tuple[str, str]:
    """The device's address that the connection came to, and whence; both "" where none is above. Raises Unknown."""
    for process in _chain(pid or os.getpid(), proc):
        if process.program in DAEMONS and not _listens(process, proc):
            for socket in _sockets(process, proc):
                if socket.state == ESTABLISHED:
                    return socket.local, socket.remote
    return "", ""


def _chain(pid: int, proc: Path) -> Iterator[Process]:
    """From ``pid`` upwards, to the first process or to where the namespace of processes ends."""
    while pid > 0:
        process = _process(pid, proc)
        yield process
        pid = process.parent


def _process(pid: int, proc: Path) -> Process:
    directory = proc / str(pid)
    try:
        text = (directory / "stat").read_text(encoding="utf-8", errors="replace")
        program = _program(directory)
    except OSError as error:
        raise Unknown(f"process {pid} above this command cannot be looked at: {error.strerror}") from error
    fields = text[text.rindex(")") + 2 :].split()
    ticks = os.sysconf("SC_CLK_TCK")
    return Process(pid, int(fields[1]), program, int(fields[4]), int(fields[19]) / ticks)


def _program(directory: Path) -> str:
    """Empty for a thread of the kernel."""
    try:
        path = (directory / "exe").readlink()
    except FileNotFoundError:
        return ""
    return path.name.removesuffix(" (deleted)")


def _listens(process: Process, proc: Path) -> bool:
    return any(socket.state == LISTENING for socket in _sockets(process, proc))


def _sockets(process: Process, proc: Path) -> list[Socket]:
    """The TCP sockets that it holds."""
    directory = proc / str(process.pid)
    try:
        held = {str(each.readlink()) for each in (directory / "fd").iterdir()}
        tables = [(directory / "net" / name).read_text(encoding="ascii") for name in ("tcp", "tcp6")]
    except OSError as error:
        raise Unknown(f"what process {process.pid} holds open cannot be seen: {error.strerror}") from error
    lines = [line.split() for table in tables for line in table.splitlines()[1:]]
    return [
        Socket(fields[9], fields[3], _address(fields[1]), _address(fields[2]))
        for fields in lines
        if f"socket:[{fields[9]}]" in held
    ]


def _address(text: str) -> str:
    """Of ``0100007F:0016``: the kernel prints words of 32 bits in the byte order of the machine."""
    digits = text.partition(":")[0]
    words = [int(digits[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(digits), 8)]
    address = ipaddress.ip_address(b"".join(words))
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
