"""Plan to files: a tree for each machine that we configure, and one for each device that a person does."""

from __future__ import annotations

from bailiwick.plan.model import Plan
from bailiwick.targets import linux, routeros
from bailiwick.targets.artifact import Artifact, Tree
from bailiwick.targets.machines import machine_trees
from bailiwick.targets.manifest import manifest
from bailiwick.targets.sheet import sheet_tree

__all__ = ["Artifact", "Tree", "manifest", "render"]


def render(plan: Plan) -> tuple[Tree, ...]:
    """The router's tree first, then the other machines' and the sheets', each by device.

    Raises ValueError for what a target cannot express.
    """
    sheets = sorted(plan.sheets, key=lambda sheet: sheet.device)
    router = routeros.router if plan.platform.startswith("routeros") else linux.router
    return (router(plan), *machine_trees(plan), *(sheet_tree(sheet) for sheet in sheets))
