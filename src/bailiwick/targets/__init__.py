"""Plan to files: one tree for the router, and one for each device that a person configures by hand."""

from __future__ import annotations

from bailiwick.plan.model import Plan
from bailiwick.targets.artifact import Artifact, Tree
from bailiwick.targets.linux import router
from bailiwick.targets.manifest import manifest
from bailiwick.targets.sheet import sheet_tree

__all__ = ["Artifact", "Tree", "manifest", "render"]


def render(plan: Plan) -> tuple[Tree, ...]:
    """The router's tree first, then the sheets' by device. Raises ValueError for what a target cannot express."""
    sheets = sorted(plan.sheets, key=lambda sheet: sheet.device)
    return (router(plan), *(sheet_tree(sheet) for sheet in sheets))
