"""The nouns of a home, resolved: every name looked up, every address written out, nothing decided."""

from bailiwick.network.resolve import Resolution, resolve

__all__ = ["Resolution", "resolve"]
