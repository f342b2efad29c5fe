"""Where things are on the device."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

STATE = "/var/lib/bailiwick"
LOCK = "/run/lock/bailiwick"


@dataclass(frozen=True, slots=True)
class Places:
    """``root`` is / on a device; tests have their own.

    ======================  ==========================================================================================
    ``generations/N/``      ``generation.json`` and ``files/…`` laid out as the device's root; never changed
    ``confirmed``           a symbolic link to the last confirmed generation's directory; absent: the origin
    ``origin/``             what stood where a generation first put something: files, settings, units
    ``window.json``         an apply that is not confirmed yet; gone otherwise
    ``live.json``           how the device looked before that apply began
    ``history.jsonl``       what was done, one JSON object a line
    ``agent/``              programs as they were pushed, ``SHA256.pyz``; ``agent/current`` the one that units run;
                            compiled for this Python, ``SHA256.TAG.SHA256.zip``
    ``progress.jsonl``      what the running apply has to say
    ======================  ==========================================================================================
    """

    root: Path = Path("/")

    def on_device(self, path: str) -> Path:
        """Where the device's ``path`` is."""
        return self.root / path.lstrip("/")

    @property
    def state(self) -> Path:
        return self.on_device(STATE)

    @property
    def lock(self) -> Path:
        return self.on_device(LOCK)

    @property
    def generations(self) -> Path:
        return self.state / "generations"

    @property
    def confirmed(self) -> Path:
        return self.state / "confirmed"

    @property
    def origin(self) -> Path:
        return self.state / "origin"

    @property
    def window(self) -> Path:
        return self.state / "window.json"

    @property
    def live(self) -> Path:
        return self.state / "live.json"

    @property
    def history(self) -> Path:
        return self.state / "history.jsonl"

    @property
    def progress(self) -> Path:
        return self.state / "progress.jsonl"

    @property
    def agents(self) -> Path:
        return self.state / "agent"

    @property
    def agent(self) -> Path:
        return self.agents / "current"
