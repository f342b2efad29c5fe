"""A RouterOS image in QEMU: its serial line, and its ports as sockets that carry Ethernet frames.

Nobody has run this against an image yet. What is known of the console is from the manual ("Serial Console", "Command
Line Interface": a login of ``admin+ct500w`` has no colours and asks nothing of the terminal); what has been tried is
QEMU's half, by the firmware of its network cards, and the dialogue, against a console that a test plays. A first run
may show that the words of the dialogue differ; it then fails, and passes nothing by.
"""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bailiwick.twin.wire.crafting import card

VARIABLE = "BAILIWICK_CHR"
"""Names the image, a raw disk."""
PORTS = 4
_PROMPT = re.compile(rb"\[\w+@[^\]]+\] (?:/\S*)?> ?$")
_ESCAPES = re.compile(rb"\x1b(?:\[[0-9;?]*[A-Za-z]|[A-Z=>])|\r")
_LARGEST = 65536


def guest_mac(port: int) -> str:
    """The hardware address of ``ether1``, ``ether2``…"""
    return f"52:54:00:c0:00:{port:02x}"


def command(image: Path | None, folder: Path, ports: int = PORTS) -> list[str]:
    """QEMU's arguments. The image is never written to; None boots nothing but the cards' own firmware."""
    words = ["qemu-system-x86_64", "-accel", "tcg", "-m", "256", "-display", "none", "-nodefaults"]
    words += ["-chardev", f"socket,id=line,path={folder}/console,server=on,wait=off", "-serial", "chardev:line"]
    if image is not None:
        words += ["-drive", f"file={image},format=raw,snapshot=on,if=ide"]
    for port in range(1, ports + 1):
        ends = f"local.type=unix,local.path={folder}/guest{port},remote.type=unix,remote.path={folder}/host{port}"
        words += ["-netdev", f"dgram,id=wire{port},{ends}"]
        words += ["-device", f"e1000,netdev=wire{port},mac={guest_mac(port)}"]
    return words


class Silent(Exception):
    """The console did not say what was waited for; ``args[0]`` is what it said instead."""


class Console:
    """A dialogue over the serial line."""

    def __init__(self, line: socket.socket, patience: float = 120) -> None:
        self._line, self._patience = line, patience

    def login(self) -> None:
        """As ``admin`` without a password, as the image has it at first; what is asked then is declined."""
        self._line.sendall(b"\r")
        if not self._until(rb"[Ll]ogin: ?$", _PROMPT.pattern).endswith(b"ogin: "):
            return
        self._line.sendall(b"admin+ct500w\r")
        self._until(rb"[Pp]assword: ?$")
        self._line.sendall(b"\r")
        for _ in range(3):
            said = self._until(_PROMPT.pattern, rb"\[Y/n\][: ]*$", rb"new password> ?$")
            if _PROMPT.search(said):
                return
            self._line.sendall(b"n\r" if b"[Y/n]" in said else b"\x03")
        raise Silent("the console asks on and on after the login")

    def say(self, text: str) -> str:
        """What the router prints about one command: nothing, or why it takes none of it."""
        self._line.sendall(text.encode() + b"\r")
        said = self._until(_PROMPT.pattern).decode(errors="replace")
        lines = [one.strip() for one in said.splitlines()]
        return "\n".join(one for one in lines if one and text not in one and not _PROMPT.search(one.encode() + b" "))

    def _until(self, *patterns: bytes) -> bytes:
        heard = b""
        end = time.monotonic() + self._patience
        while time.monotonic() < end:
            self._line.settimeout(max(0.1, end - time.monotonic()))
            with suppress(TimeoutError):
                heard += self._line.recv(4096)
            plain = _ESCAPES.sub(b"", heard)
            if any(re.search(pattern, plain) for pattern in patterns):
                return plain
        raise Silent(heard.decode(errors="replace"))


@dataclass(frozen=True)
class Wires:
    """The far ends of the ports, from ``ether1`` on."""

    ends: Sequence[socket.socket]
    folder: Path

    def send(self, port: int, frame: bytes) -> None:
        self.ends[port - 1].sendto(frame, str(self.folder / f"guest{port}"))

    def hear(self, seconds: float) -> Iterator[tuple[int, bytes]]:
        """Port and frame, of all that the router sends in that time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for number, one in enumerate(self.ends, 1):
                one.settimeout(min(left, 0.02))
                with suppress(TimeoutError):
                    frame = one.recv(_LARGEST)
                    if frame[6:12] == card(guest_mac(number)):
                        yield number, frame


@contextmanager
def running(image: Path | None, folder: Path, ports: int = PORTS) -> Iterator[tuple[socket.socket, Wires]]:
    """The serial line and the wires of a machine that is on; it is switched off at the end."""
    ends = []
    for port in range(1, ports + 1):
        end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        end.bind(str(folder / f"host{port}"))
        ends.append(end)
    machine = subprocess.Popen(command(image, folder, ports), stderr=subprocess.PIPE)
    line = socket.socket(socket.AF_UNIX)
    try:
        for _ in range(600):
            with suppress(FileNotFoundError, ConnectionRefusedError):
                line.connect(str(folder / "console"))
                break
            time.sleep(0.1)
        yield line, Wires(ends, folder)
    finally:
        machine.kill()
        machine.communicate()
        for one in (line, *ends):
            one.close()
