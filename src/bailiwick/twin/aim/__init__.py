"""Which packets are sent, and what is meant to become of each; pure."""
