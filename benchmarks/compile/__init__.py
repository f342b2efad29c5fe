"""How long a home file takes from text to files, stage by stage, and how that grows with the home."""
