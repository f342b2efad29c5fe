"""dnsmasq: the resolvers that run on the router, and DHCP."""

from __future__ import annotations

from bailiwick.targets.linux.dnsmasq.instance import instance_name, instances

__all__ = ["instance_name", "instances"]
