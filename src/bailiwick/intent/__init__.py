"""What the home file means: each sentence, and each opening that follows from another line, as a set of packets.

Carries out ``docs/semantics.md`` and knows nothing of how the plan does it, so that the two can be held against each
other.
"""

from bailiwick.intent.intent import Intent
from bailiwick.intent.meaning import asked_packets, mean
from bailiwick.intent.meant import Kind, Meant

__all__ = ["Intent", "Kind", "Meant", "asked_packets", "mean"]
