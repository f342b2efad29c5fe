"""The described network brought up and driven with real packets. Apart from the other stages, as it loads the twin."""

from __future__ import annotations

from dataclasses import dataclass

from bailiwick.claims.matrix import Matrix
from bailiwick.twin import TwinOptions, TwinResult, try_network
from bailiwick.workflow.checking import Checked
from bailiwick.workflow.proving import Proven, prove_home


@dataclass(frozen=True, slots=True)
class Trial:
    """What was meant, and what was seen of it."""

    checked: Checked
    matrix: Matrix
    result: TwinResult
    proven: Proven


def try_home(checked: Checked, options: TwinOptions) -> Trial:
    """Proves, then runs for seconds, in namespaces of its own.

    Raises what ``twin`` raises when the stage cannot be set, and what ``prove_home`` raises.
    """
    home = checked.read.network
    proven = prove_home(checked)
    result = try_network(home, checked.intent, checked.plan, checked.trees[0], options)
    return Trial(checked, checked.intent.matrix(), result, proven)
