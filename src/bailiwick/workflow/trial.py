"""The described network brought up and driven with real packets. Apart from the other stages, as it loads the twin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bailiwick.claims.matrix import Matrix
from bailiwick.twin import StageError, TwinOptions, TwinResult, try_network
from bailiwick.workflow.checking import Checked
from bailiwick.workflow.proving import Proven


@dataclass(frozen=True, slots=True)
class Trial:
    """What was meant, what was seen of it, and what is proven of it where somebody asked."""

    checked: Checked
    matrix: Matrix
    result: TwinResult
    proven: Proven | None = None


def try_home(
    checked: Checked,
    options: TwinOptions,
    proven: Proven | None = None,
    listener: Callable[[str], None] | None = None,
) -> Trial:
    """Runs for seconds in namespaces of its own, or for a minute in a virtual machine.

    ``listener`` hears of each part when it is done.

    Raises what ``twin`` raises when the stage cannot be set.
    """
    home = checked.read.network
    if home.router.routeros:
        raise StageError(f"{home.router.name} runs RouterOS, which no stage here can bring up yet")
    router, *others = checked.trees
    result = try_network(home, checked.intent, checked.plan, router, options, others=others, listener=listener)
    return Trial(checked, checked.intent.matrix(), result, proven)
