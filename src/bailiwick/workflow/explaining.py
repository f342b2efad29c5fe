"""One question in the sentence form, answered by walking a packet of it through the rendered files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bailiwick.intent import asked_packets
from bailiwick.workflow.checking import Checked, check
from bailiwick.workflow.proving import Proven, prove_home

if TYPE_CHECKING:
    from bailiwick.proof.explanation import Explanation


@dataclass(frozen=True, slots=True)
class Answered:
    """``explanations``: a packet that passes and one that does not, as far as the question holds both."""

    proven: Proven
    explanations: tuple[Explanation, ...]

    @property
    def checked(self) -> Checked:
        return self.proven.checked


def explain_flow(path: Path, today: date, question: str, rendered: Path | None = None) -> Answered:
    """Raises Problems, also for the question, and what ``prove_home`` raises."""
    checked = check(path, today, (question,))
    proven = prove_home(checked, rendered)

    from bailiwick.dataplane.interpreter import Interpreter  # noqa: PLC0415
    from bailiwick.proof.aim import Aims  # noqa: PLC0415
    from bailiwick.proof.explanation import explain  # noqa: PLC0415

    asked = checked.read.asked[0]
    aims = Aims(checked.intent, proven.device, proven.proof.places)
    packets = asked_packets(checked.intent, asked)
    found = explain(checked.intent, aims, Interpreter(proven.device), asked, packets)
    return Answered(proven, tuple(found))
