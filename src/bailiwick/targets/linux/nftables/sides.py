"""How one side of a permission is told apart from the rest of its pair: by a condition, or in a set's key.

Only packets that passed hygiene reach a pair's chain. From a zone they carry an address of its subnet; from an
uplink no bogon; to an uplink no martian. Within that domain "the whole zone" is one prefix, "the internet" is no
test at all, and "all but the modem" is one ``!=``: conditions that cost next to nothing and that
thousands of permissions share. What is left are the permissions of single hosts, and those go into sets.
"""

from __future__ import annotations

from dataclasses import dataclass

from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.plan.model import Plan
from bailiwick.targets.linux.nftables.values import addresses

COMPLEMENT_MAX = 16
"""Address ranges that a ``!=`` may name before a set of its own is the better way to say it."""


@dataclass(frozen=True, slots=True)
class Side:
    """``field`` is ``ip saddr`` or ``ip daddr``. ``keyed``: the addresses stand in the key of a set."""

    field: str
    condition: str
    keyed: bool
    addresses: IntervalSet


@dataclass(frozen=True, slots=True)
class Domain:
    """The addresses that a packet can have on one side of one pair once hygiene has passed it.

    ``whole`` is the zone's subnet, which is the prefix that a careful person writes for ``reachable`` (the subnet
    without the router's own address and the broadcast one). Elsewhere ``whole`` is every address.
    """

    reachable: IntervalSet
    whole: IntervalSet


def domains(plan: Plan, place: str | None) -> tuple[Domain, Domain]:
    """What can come in from the place as a source, and leave to it as a destination; None is the router."""
    everything = Domain(EVERY_ADDRESS, EVERY_ADDRESS)
    if place is None:
        return everything, everything
    interface = plan.interface_of(place)
    if place.startswith("zone:"):
        if interface.address is None:
            return everything, everything
        subnet = interface.address.network
        own = IntervalSet.addresses([interface.address.ip, subnet.broadcast_address])
        whole = IntervalSet.networks([subnet])
        zone = Domain(whole - own, whole)
        return (zone if place in plan.hygiene.anti_spoof else everything), zone
    bogons = plan.hygiene.bogons.get(place, IntervalSet())
    martians = plan.hygiene.martians.get(place, IntervalSet())
    return Domain(EVERY_ADDRESS - bogons, EVERY_ADDRESS), Domain(EVERY_ADDRESS - martians, EVERY_ADDRESS)


def side(field: str, members: IntervalSet, domain: Domain) -> Side:
    """The cheapest exact way to say ``members`` within the domain."""
    if members == EVERY_ADDRESS:
        return Side(field, "", False, members)
    if not domain.whole.covers(members):
        return Side(field, "", True, members)
    whole = "" if domain.whole == EVERY_ADDRESS else f"{field} {addresses(domain.whole)} "
    absent = domain.reachable - members
    if not absent:
        return Side(field, whole, False, members)
    if len(absent.spans) < min(len(members.spans), COMPLEMENT_MAX):
        return Side(field, f"{whole}{field} != {addresses(absent)} ", False, members)
    return Side(field, "", True, members)
