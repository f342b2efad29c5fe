"""The pushed program's modules compiled for this device's Python, beside it: a zip file is never given a cache.

Compiling them is two thirds of what a command takes. The file's name bears its own SHA-256, and whoever starts the
program reads it only where that is so (``apply/agent_file.py``).
"""

from __future__ import annotations

import importlib.util
import io
import marshal
import struct
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

from bailiwick.agent.disk import durable

UNCHECKED = 0b01
"""Of a ``.pyc`` that stands by the hash of its source, which nobody compares (PEP 552)."""
EPOCH = (1980, 1, 1, 0, 0, 0)


def make(program: Path) -> Path:
    """Writes it beside ``program``, a zipapp, unless it is there. Raises NotWritten, and OSError."""
    out = io.BytesIO()
    with zipfile.ZipFile(program) as sources, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as compiled:
        for name in sorted(sources.namelist()):
            if name.startswith("bailiwick/"):
                compiled.writestr(zipfile.ZipInfo(f"{name}c", EPOCH), _module(f"{program}/{name}", sources.read(name)))
    data = out.getvalue()
    path = program.with_name(f"{program.stem}.{sys.implementation.cache_tag}.{sha256(data).hexdigest()}.zip")
    if not path.exists():
        durable.write(path, data, owner=durable.own())
    return path


def _module(place: str, source: bytes) -> bytes:
    code = compile(source, place, "exec", dont_inherit=True)
    head = importlib.util.MAGIC_NUMBER + struct.pack("<I", UNCHECKED) + importlib.util.source_hash(source)
    return head + marshal.dumps(code)
