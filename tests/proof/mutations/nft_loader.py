"""Many rulesets loaded by the real nft, one after another, in one process with a network namespace of its own.

A start of ``nft`` takes longer than a load: the library that it is made of (libnftables) is called directly. Nothing
of this machine is touched. ``python -m tests.proof.mutations.nft_loader`` is the process: it reads one JSON string
per line, a ruleset's text, and answers each with one line, ``[listing as text or null, what nft says]``.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

LIBRARY = "libnftables.so.1"
JSON_OUTPUT = 1 << 4
"""NFT_CTX_OUTPUT_JSON of nftables/libnftables.h."""
ROOT = Path(__file__).parents[3]


class Loader:
    """The process, as a context manager."""

    def __enter__(self) -> Self:
        self._start()
        return self

    def _start(self) -> None:
        own = ["--net"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--net"]
        self._process = subprocess.Popen(
            ["unshare", *own, sys.executable, "-m", __spec__.name if __spec__ else __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate()

    def load(self, text: str) -> tuple[str | None, str]:
        """The listing in JSON, None where nft refuses the text; and what nft says. It may die of a text, too."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(text) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            status = self._process.wait()
            self._start()
            return None, f"nft dies of it ({status})"
        listing, said = json.loads(answer)
        return listing, said


class _Library:
    def __init__(self) -> None:
        self._nft = ctypes.CDLL(LIBRARY)
        self._nft.nft_ctx_new.restype = ctypes.c_void_p
        self._nft.nft_ctx_output_set_flags.argtypes = [ctypes.c_void_p, ctypes.c_uint]
        self._nft.nft_run_cmd_from_buffer.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        for name in ("nft_ctx_buffer_output", "nft_ctx_buffer_error", "nft_ctx_free"):
            getattr(self._nft, name).argtypes = [ctypes.c_void_p]
        for name in ("nft_ctx_get_output_buffer", "nft_ctx_get_error_buffer"):
            getattr(self._nft, name).argtypes = [ctypes.c_void_p]
            getattr(self._nft, name).restype = ctypes.c_char_p

    def run(self, command: str, flags: int = 0) -> tuple[bool, str, str]:
        context = self._nft.nft_ctx_new(0)
        self._nft.nft_ctx_buffer_output(context)
        self._nft.nft_ctx_buffer_error(context)
        self._nft.nft_ctx_output_set_flags(context, flags)
        failed = self._nft.nft_run_cmd_from_buffer(context, command.encode())
        said = [self._nft.nft_ctx_get_output_buffer(context), self._nft.nft_ctx_get_error_buffer(context)]
        output, error = (text.decode(errors="replace") for text in said)
        self._nft.nft_ctx_free(context)
        return not failed, output, error


def main() -> None:
    library = _Library()
    for line in sys.stdin:
        library.run("flush ruleset")
        loaded, _, error = library.run(json.loads(line))
        listing = library.run("list ruleset", JSON_OUTPUT)[1] if loaded else None
        sys.stdout.write(json.dumps([listing, error]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
