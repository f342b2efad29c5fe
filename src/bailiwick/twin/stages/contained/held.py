"""Network namespaces without a name, which last as long as this process holds them open."""

from __future__ import annotations

import ctypes
import os
from threading import Thread

from bailiwick.twin.scene.namespaces import CLONE_NEWNET

_libc = ctypes.CDLL(None, use_errno=True)


class Held:
    """A network namespace of its own; ``path`` is understood by ``within``, ``ip(8)`` and ``nsenter(1)``.

    The kernel frees it with its last process once this is closed, or once we are gone, however we went.
    """

    def __init__(self) -> None:
        made: list[int | OSError] = []

        def make() -> None:  # a thread has namespaces of its own (unshare(2))
            if _libc.unshare(CLONE_NEWNET):
                made.append(OSError(ctypes.get_errno(), "unshare"))
            else:
                made.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC))

        thread = Thread(target=make)
        thread.start()
        thread.join()
        if isinstance(made[0], OSError):
            raise made[0]
        self._descriptor = made[0]

    @property
    def path(self) -> str:
        return f"/proc/{os.getpid()}/fd/{self._descriptor}"

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
