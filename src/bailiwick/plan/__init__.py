"""The plan: everything about a network decided, before any file is written."""

from bailiwick.plan.passes import make_plan

__all__ = ["make_plan"]
