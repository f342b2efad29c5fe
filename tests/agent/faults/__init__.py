"""The fault matrix of an apply: every fault at every step, on a router that systemd boots in namespaces."""
