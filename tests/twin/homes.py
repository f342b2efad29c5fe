"""The example homes, taken through every stage before the twin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from bailiwick.intent import Intent, mean
from bailiwick.language import load
from bailiwick.network import resolve
from bailiwick.network.model import Network
from bailiwick.plan import make_plan
from bailiwick.plan.model import Plan
from bailiwick.targets import render
from bailiwick.targets.artifact import Tree

EXAMPLES = Path(__file__).parents[2] / "examples"
FIREWALL = "/etc/bailiwick/firewall.nft"


@dataclass(frozen=True, eq=False)
class Home:
    network: Network
    intent: Intent
    plan: Plan
    tree: Tree

    def changed(self, change: Callable[[str], str], path: str = FIREWALL) -> Home:
        """The same home with one rendered file changed."""
        artifacts = tuple(
            replace(artifact, text=change(artifact.text)) if artifact.path == path else artifact
            for artifact in self.tree.artifacts
        )
        return replace(self, tree=replace(self.tree, artifacts=artifacts))


@cache
def home(name: str) -> Home:
    network = resolve(load(EXAMPLES / f"{name}.yaml"), date(2026, 1, 1)).network
    plan = make_plan(network)
    return Home(network, mean(network), plan, render(plan)[0])
