"""An uplink whose provider gives another address in the middle of an apply."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from tests.agent.faults import homes
from tests.agent.faults.fault import Fault, is_silent
from tests.agent.faults.homes import NEW, NEXT, OLD, ROUTER, Wanted, made
from tests.agent.faults.killing import ONLY_NEW, ONLY_OLD
from tests.agent.faults.owner import Owner
from tests.agent.faults.provider import Provider
from tests.agent.faults.world import World

FIRST = "81.2.69.11"
"""The address before; after, it is the one that the stranger tries."""
STATIC, LEASE = f"address: {ROUTER}/29, gateway: 81.2.69.9", "address: dhcp"
GIVEN = 30.0
"""Seconds within which a client that was refused its address has the next."""
SERVING: list[Provider] = []


def leased(text: str, like: Callable[[], Wanted]) -> Wanted:
    """The same home, whose uplink asks for a lease."""
    one = like()
    return made(f"{one.name}, by a lease", text.replace(STATIC, LEASE), one.open, one.gateway)


def stands_by_a_lease(world: World) -> None:
    """The old generation is one that has a lease. Raises RuntimeError."""
    dismissed(world)
    provider = Provider(world.stranger.netns, FIRST)
    SERVING.append(provider)
    provider.start()
    if not Owner(world).apply(leased(OLD, homes.old), 15.0):
        raise RuntimeError("the home that asks for a lease is not applied")
    _has(provider, FIRST)


def dismissed(_world: World) -> None:
    while SERVING:
        SERVING.pop().stop()


def another_address(_world: World) -> None:
    """The next time that the client asks to keep its address, it may not (RFC 2131 section 4.3.2, DHCPNAK)."""
    SERVING[-1].address = ROUTER
    _has(SERVING[-1], ROUTER)


def _has(provider: Provider, address: str) -> None:
    end = time.monotonic() + GIVEN
    while provider.given[-1:] != [address]:
        if provider.failed or time.monotonic() > end:
            raise RuntimeError(f"no lease of {address}: {provider.given} {provider.failed}")
        time.sleep(0.05)


def goes_on_afterwards(owner: Owner, number: int) -> None:
    """The owner's word comes when the address is another."""
    if owner.waited() is not None:
        _has(SERVING[-1], ROUTER)
        owner.confirm()


CONFIRMED = Fault(
    "lease-changes",
    "F28",
    "the provider gives another address, and the owner confirms",
    another_address,
    ("networkd", "wait"),
    before=stands_by_a_lease,
    after=dismissed,
    wanted=lambda: leased(NEW, homes.new),
    ends=ONLY_NEW,
    frozen=False,
    owner=goes_on_afterwards,
    patience=60.0,
    leased=r"81\.2\.69\.",
    following=lambda: leased(NEXT, homes.following),
)
FAULTS = (
    CONFIRMED,
    replace(
        CONFIRMED,
        name="lease-changes-silence",
        what="the provider gives another address, and the owner says nothing",
        ends=ONLY_OLD,
        owner=is_silent,
        patience=15.0,
    ),
)
