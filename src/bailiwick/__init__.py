"""Bailiwick: a home network as one file, proven before it is live, tried with real packets."""

__version__ = "0.1.0"
