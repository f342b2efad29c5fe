"""The plan: everything about a network decided, before any file is written."""

from bailiwick.plan.data import as_data
from bailiwick.plan.passes import make_plan
from bailiwick.plan.show import show

__all__ = ["as_data", "make_plan", "show"]
