"""The other files of a Linux router, and what ``ip`` and ``bridge`` list of a running one."""

from __future__ import annotations

from bailiwick.dataplane.linux.commands import read_batch
from bailiwick.dataplane.linux.draft import Draft
from bailiwick.dataplane.linux.links import read_links, read_vlans
from bailiwick.dataplane.linux.listed_routing import read_routes, read_rules
from bailiwick.dataplane.linux.tree import GUARD, device, read_tree, rules

__all__ = [
    "GUARD",
    "Draft",
    "device",
    "read_batch",
    "read_links",
    "read_routes",
    "read_rules",
    "read_tree",
    "read_vlans",
    "rules",
]
