"""Marks by which answers find back to the uplink that their connection came in by.

A connection bears the mark from its first packet on, and what enters from inside or comes from the router itself gets
the routing mark of its connection. Never what is for the router or the home: a packet with a routing mark is looked
up in that table before any other (manual, "Policy Routing", "Routing Decision").
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.packets.interval import IntervalSet
from bailiwick.plan.model import Plan
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros.address_lists import AddressLists
from bailiwick.targets.routeros.interface_lists import INSIDE
from bailiwick.targets.routeros.routing import table
from bailiwick.targets.routeros.rules import rule


def returning(plan: Plan, lists: AddressLists) -> Iterator[Line]:
    """None where there is one uplink alone."""
    backs = sorted(plan.returns, key=lambda back: back.id)
    home = IntervalSet.networks(plan.home_subnets)
    far = {"dst-address-type": "!local"}
    if backs:
        far["dst-address-list"] = f"!{lists.name(home, 'home', *(back.id for back in backs))}"
    for back in backs:
        asks = {"in-interface": back.interface, "connection-state": "new"}
        mark = {"new_connection_mark": table(back.uplink), "passthrough": "yes"}
        yield rule("mangle", "prerouting", "mark-connection", asks, back.id, **mark)
    for back in backs:
        answers = {"connection-mark": table(back.uplink)}
        onward = {"new_routing_mark": table(back.uplink), "passthrough": "yes"}
        yield rule(
            "mangle", "prerouting", "mark-routing", answers | {"in-interface-list": INSIDE} | far, back.id, **onward
        )
        yield rule("mangle", "output", "mark-routing", answers | far, back.id, **onward)
