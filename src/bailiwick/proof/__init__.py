"""What was meant held against what was written, for every packet."""
