"""Somebody who does something beside all else, in a thread of their own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from threading import Event, Thread


@dataclass
class Beside(ABC):
    """From ``start`` to ``stop``, which waits for the end. ``_run`` looks at ``_over``."""

    _over: Event = field(default_factory=Event, init=False)
    _thread: Thread | None = field(default=None, init=False)

    @abstractmethod
    def _run(self) -> None: ...

    def start(self) -> None:
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
