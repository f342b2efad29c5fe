"""The concrete interpreter: one packet through one device, every rule that it meets, the line that decides."""

from bailiwick.dataplane.interpreter.chains import BrokenRules
from bailiwick.dataplane.interpreter.packet import Connection, Ends, Header, answer
from bailiwick.dataplane.interpreter.trace import End, Outcomes, Step, Walk
from bailiwick.dataplane.interpreter.walk import Interpreter, outcomes, walk

__all__ = [
    "BrokenRules",
    "Connection",
    "End",
    "Ends",
    "Header",
    "Interpreter",
    "Outcomes",
    "Step",
    "Walk",
    "answer",
    "outcomes",
    "walk",
]
