"""The one place that strings the stages together: read, check, build. What loads other rooms stands apart (``proving``,
``explaining``, ``diffing``, ``auditing``, ``trial``).

Names are fetched on first use: a command pays for the stages that it needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bailiwick.workflow.building import Built, Refused, build
    from bailiwick.workflow.checking import Checked, check
    from bailiwick.workflow.reading import Read, read, read_text

__all__ = ["Built", "Checked", "Read", "Refused", "build", "check", "read", "read_text"]

_ROOMS = {
    "building": {"Built", "Refused", "build"},
    "checking": {"Checked", "check"},
    "reading": {"Read", "read", "read_text"},
}


def __getattr__(name: str) -> object:
    for module, names in _ROOMS.items():
        if name in names:
            return getattr(import_module(f"bailiwick.workflow.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
