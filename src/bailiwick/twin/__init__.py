"""The twin: the described network in namespaces on the running kernel, tried with real packets."""

from bailiwick.twin.options import TwinOptions
from bailiwick.twin.result import Capability, Check, Fate, Lease, Loaded, Observation, TwinResult
from bailiwick.twin.stages.namespaces import StageError
from bailiwick.twin.trial import try_network

__all__ = [
    "Capability",
    "Check",
    "Fate",
    "Lease",
    "Loaded",
    "Observation",
    "StageError",
    "TwinOptions",
    "TwinResult",
    "try_network",
]
