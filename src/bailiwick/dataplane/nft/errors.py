"""What nft's reader only wonders at; what it raises is ``dataplane.unreadable.Unreadable``."""

from __future__ import annotations


class Unclear(Exception):
    """An expression that has no place in the common form. Whoever asked for it writes an unknown instead."""
