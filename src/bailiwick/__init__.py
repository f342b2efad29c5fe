"""Bailiwick: a home network as one file, proven before it is live, tried with real packets."""
