"""How one side of a permission is told apart from the rest of its pair: by a condition, or in a set's key.

Only packets that passed hygiene reach a pair's chain: from an uplink no bogon, to an uplink no martian, and on the
input hook from a zone an address of its subnet. Within that domain "the whole zone" is one prefix, "the internet" is
no test at all, and "all but the modem" is one ``!=``: conditions that cost next to nothing and that thousands of
permissions share. What is left are the permissions of single hosts, and those go into sets.

On the forward hook no rule before has looked at a zone's sources: there each permission tells them exactly, and
that is what keeps forged ones out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bailiwick.packets.interval import EVERY_ADDRESS, NOTHING, IntervalSet
from bailiwick.plan.model import Hook, Plan
from bailiwick.targets.linux.nftables.values import address, addresses, broadcasts, outside

COMPLEMENT_MAX = 16
"""Address ranges that a ``!=`` may name before a set of its own is the better way to say it."""


@dataclass(frozen=True, slots=True)
class Side:
    """``field`` is ``ip saddr`` or ``ip daddr``. ``keyed``: the addresses stand in the key of a set.

    ``excepting``: the condition names some that the rest of the domain is told apart from.
    """

    field: str
    condition: str
    keyed: bool
    addresses: IntervalSet
    excepting: bool = False


@dataclass(frozen=True, slots=True)
class Domain:
    """The addresses that a packet can have on one side of one pair once hygiene has passed it.

    ``whole`` is the zone's subnet, which is the prefix that a careful person writes for ``reachable`` (the subnet
    without the router's own address and the broadcast one). Elsewhere ``whole`` is every address.

    ``taken`` are addresses of ``whole`` that are nobody's to use and that no rule has dropped yet, so that every
    condition has to leave them out. Whoever has a ``taken`` has no earlier rule to lean on: his conditions are exact
    for every packet.
    """

    reachable: IntervalSet
    whole: IntervalSet
    taken: IntervalSet = NOTHING

    @property
    def members(self) -> IntervalSet:
        """What a permission can mean on this side at most."""
        return self.whole - self.taken


def domains(plan: Plan, hook: Hook, place: str | None) -> tuple[Domain, Domain]:
    """What can come in from the place as a source, and leave to it as a destination; None is the router.

    Raises ValueError where sources are to be held to the subnet of a zone that has none.
    """
    everything = Domain(EVERY_ADDRESS, EVERY_ADDRESS)
    if place is None:
        return everything, everything
    interface = plan.interface_of(place)
    if place.startswith("zone:"):
        guarded = place in plan.hygiene.anti_spoof
        if interface.address is None:
            if guarded:
                raise ValueError(f"{place} has no subnet that its sources could be held to")
            return everything, everything
        subnet = interface.address.network
        own = IntervalSet.addresses([interface.address.ip, *broadcasts([subnet])])
        whole = IntervalSet.networks([subnet])
        zone = Domain(whole - own, whole)
        source = replace(zone, taken=own) if hook is Hook.FORWARD else zone
        return (source if guarded else everything), zone
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
    # Two comparisons cost nothing that can be measured; one lookup of both addresses does.
    whole += "".join(f"{field} != {address((one, one))} " for a, b in domain.taken.spans for one in range(a, b + 1))
    absent = domain.reachable - members
    if not absent:
        return Side(field, whole, False, members)
    if len(absent.spans) < min(len(members.spans), COMPLEMENT_MAX):
        return Side(field, f"{whole}{outside(field, absent)}", False, members, excepting=True)
    return Side(field, "", True, members)
