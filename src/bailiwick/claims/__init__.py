"""What is said of the network, packet set by packet set, and the evidence for it."""

from bailiwick.claims.claim import Claim, Evidence, Outcome, Verdict, Witness
from bailiwick.claims.matrix import Cell, Matrix

__all__ = ["Cell", "Claim", "Evidence", "Matrix", "Outcome", "Verdict", "Witness"]
