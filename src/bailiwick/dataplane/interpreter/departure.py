"""Where the device's own packets go, first and again after a rule changed them (``ip_route_output_key_hash_rcu`` in
net/ipv4/route.c, ``ip_route_me_harder`` in net/ipv4/netfilter.c)."""

from __future__ import annotations

from ipaddress import IPv4Address

from bailiwick.dataplane.interpreter.arrival import Way, nowhere
from bailiwick.dataplane.interpreter.fib import LOOPBACK, Ask, Fib
from bailiwick.dataplane.interpreter.passing import Passing


def depart(fib: Fib, passing: Passing, bound: str | None, ask: Ask) -> Way:
    """The way out; ``lo`` for its own addresses. ``bound``: the sender's socket is tied to this interface, and then
    the packet leaves by it whatever the tables say, unless it is for the device itself."""
    if isinstance(passing.source, IPv4Address) and (passing.source.is_multicast or int(passing.source) == 0xFFFFFFFF):
        return nowhere("martian source")
    if passing.family == 4 and int(passing.destination) == 0 and passing.dynamic is None:
        return Way(interface=LOOPBACK)
    broadcast = fib.kind(passing.destination, None, passing.dynamic, ask) in ("broadcast", "multicast")
    if bound is not None and broadcast:
        return Way(interface=bound)
    found = fib.lookup(
        passing.destination, passing.source, LOOPBACK, passing.mark, bound, symbol=passing.dynamic, ask=ask
    )
    if found is not None and found.kind in ("local", "anycast"):
        return Way(interface=LOOPBACK, line=found.line)
    if bound is not None:
        gateway = found.gateway if found is not None and not found.refused else None
        return Way(interface=bound, gateway=gateway)
    if not fib.known:
        return Way(interface="")
    if found is None:
        return nowhere("no route")
    if found.refused or found.interface is None:
        return nowhere(found.kind, found.line)
    return Way(interface=found.interface, gateway=found.gateway, line=found.line)
