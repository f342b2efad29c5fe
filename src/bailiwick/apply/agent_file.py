"""The agent as one file: Python's zipapp of the rooms that it is made of, the same bytes for the same sources."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from bailiwick.agent.places import STATE
from bailiwick.apply.transport.way import OLD_PYTHON

ROOMS = ("agent", "dataplane", "packets")
MAIN = """\
import hashlib, os, sys

# Its modules, compiled for this Python (bailiwick/agent/compiled.py), where they are beside it and whole.
directory, name = os.path.split(os.path.realpath(sys.path[0]))
begin = f"{name[:-4]}.{sys.implementation.cache_tag}."
for one in os.listdir(directory):
    if one.startswith(begin):
        with open(os.path.join(directory, one), "rb") as file:
            if hashlib.sha256(file.read()).hexdigest() == one[len(begin) : -4]:
                sys.path.insert(0, file.name)
                break

from bailiwick.agent.main import main

raise SystemExit(main())
"""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can name."""

_BOOTSTRAP = f"""
import hashlib, os, sys, zlib
if sys.version_info < (3, 11):
    print("its Python is %d.%d, and the agent needs 3.11 or newer." % sys.version_info[:2], file=sys.stderr)
    sys.exit({OLD_PYTHON})
name, state = sys.argv[1:3]
agents = state + "/agent"
data = zlib.decompress(sys.stdin.buffer.read())
if hashlib.sha256(data).hexdigest() != name:
    sys.exit("the agent came damaged")
os.umask(0)
os.makedirs(state, 0o711, exist_ok=True)
os.makedirs(agents, 0o700, exist_ok=True)
place = os.open(agents, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
new = ".%s.%d" % (name, os.getpid())
handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=place)
try:
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.rename(new, name + ".pyz", src_dir_fd=place, dst_dir_fd=place)
except BaseException:
    os.unlink(new, dir_fd=place)
    raise
os.fsync(place)
os.umask(0o077)
program = agents + "/" + name + ".pyz"
sys.path.insert(0, program)
from pathlib import Path
from bailiwick.agent.compiled import make
make(Path(program))
"""
BOOTSTRAP = f"import base64;exec(base64.b64decode('{base64.b64encode(_BOOTSTRAP.encode()).decode()}'))"
"""In letters that every shell leaves alone. Daemons of their own users pass through the state directory to theirs."""


@dataclass(frozen=True, slots=True)
class AgentFile:
    """``state`` is the directory on the device that everything of ours is kept in."""

    data: bytes
    sha256: str
    state: str = STATE

    @property
    def path(self) -> str:
        """On the device."""
        return f"{self.state}/agent/{self.sha256}.pyz"

    @property
    def sent(self) -> bytes:
        """As the bootstrap reads it from its standard input."""
        return zlib.compress(self.data, 9)

    @property
    def push(self) -> tuple[str, ...]:
        """What is run on the device to put the file there."""
        return ("python3", "-I", "-c", BOOTSTRAP, self.sha256, self.state)

    def command(self, name: str) -> tuple[str, ...]:
        return ("python3", "-I", self.path, name)


@cache
def agent_file() -> AgentFile:
    """Of the sources that run here. Nothing is compressed in it: zlib's bytes differ between its versions."""
    root = files("bailiwick")
    texts = {"__main__.py": MAIN.encode(), "bailiwick/__init__.py": (root / "__init__.py").read_bytes()}
    for room in ROOMS:
        _gather(root / room, f"bailiwick/{room}", texts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, text in sorted(texts.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text)
    data = out.getvalue()
    return AgentFile(data, sha256(data).hexdigest())


def _gather(place: Traversable, name: str, texts: dict[str, bytes]) -> None:
    for one in place.iterdir():
        if one.is_dir():
            _gather(one, f"{name}/{one.name}", texts)
        elif one.name.endswith(".py"):
            texts[f"{name}/{one.name}"] = one.read_bytes()
