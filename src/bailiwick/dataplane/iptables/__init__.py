"""Firewalls as ``iptables-save``, ``ip6tables-save`` and ``ipset save`` print them."""

from bailiwick.dataplane.iptables.ipset import Sets, read_sets
from bailiwick.dataplane.iptables.reader import NotIptables, Reading, read

__all__ = ["NotIptables", "Reading", "Sets", "read", "read_sets"]
