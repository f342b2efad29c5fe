"""Open connections: those that the rules in force refuse end, the others live."""
