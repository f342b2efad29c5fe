"""Waiting until what was begun is done: links configured, units running and not about to end."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from bailiwick.agent.look.scope import NETWORK
from bailiwick.agent.switch import links, networkd
from bailiwick.agent.switch.installing import Target
from bailiwick.agent.switch.services import NETWORKD
from bailiwick.agent.switch.unit_states import State, states
from bailiwick.dataplane.linux.ini import assigned

SECONDS = 30.0
"""For everything, unless said otherwise."""
LEASE = 10.0
"""Seconds that a link waits for an address that others give; its provider may be away."""
CALM = 1.0
"""Seconds over which a unit has to stay the process that it is."""
PAUSE = 0.1


class Unsettled(Exception):
    """What does not come to stand, a sentence for each."""


def settle(
    target: Target,
    tell: Callable[[str], None],
    fresh: Collection[str] = (),
    seconds: float = SECONDS,
    exact: bool = False,
) -> None:
    """Returns when the target's links and units stand; tells of links that wait for others. Raises Unsettled,
    CommandFailed.

    ``fresh``: units that were started or restarted now, and are watched for a while. ``exact``: its links have no
    other address than their own.
    """
    end = time.monotonic() + seconds
    waiting = _links(target, tell, end, exact) if NETWORKD in target.generation.enable else ()
    complaints = [*waiting, *_units(target, fresh, end)]
    if complaints:
        raise Unsettled("; ".join(complaints))


def _links(target: Target, tell: Callable[[str], None], end: float, exact: bool) -> list[str]:
    files = links.networks(target.texts(NETWORK, ".network"))
    made = links.netdevs(target.texts(NETWORK, ".netdev"))
    leased = {name for name, parts in files.items() if set(assigned(parts, "Network", "DHCP")) & {"ipv4", "yes"}}
    patience = min(end, time.monotonic() + LEASE)
    mended, calm = False, 0
    told: set[str] = set()
    while True:
        # What nobody here makes comes when its program, its cable or its card does.
        waits = {n: why for n, why in networkd.unsettled(files).items() if why != "missing" or n in made}
        now = time.monotonic()
        if now >= patience:
            late = waits.keys() & leased - told
            for name in sorted(late):
                tell(f"{name} has no address yet from beyond it")
            told |= late
            waits = {name: why for name, why in waits.items() if name not in leased}
        calm = calm + 1 if not waits else 0
        if calm > 1:
            wrong = networkd.lacking(target, exact)
            if not wrong:
                return []
            if not mended:
                networkd.again(wrong)
                mended, calm = True, 0
            waits = dict.fromkeys(wrong, "without its address")
        if now >= end:
            return [f"the link {name} is {why}" for name, why in sorted(waits.items())] or ["links do not come to rest"]
        time.sleep(PAUSE)


def _units(target: Target, fresh: Collection[str], end: float) -> list[str]:
    names = target.generation.enable
    now = states(names)
    while any(one.active in ("activating", "reloading") for one in now.values()) and time.monotonic() < end:
        time.sleep(PAUSE)
        now = states(names)
    if fresh:
        time.sleep(CALM)
        later = states(names)
    else:
        later = now
    return [complaint for name in names if (complaint := _complaint(now[name], later[name]))]


def _complaint(first: State, then: State) -> str:
    if then.active != "active":
        return f"{then.name} is {then.active or 'not there'}" + (f" ({then.sub})" if then.sub else "")
    if first.process != then.process or first.restarts != then.restarts:
        return f"{then.name} ended by itself, and was started again"
    return ""
