"""Faults planted in the rendered files, one at a time: each must be seen in packets, and said with its line."""
