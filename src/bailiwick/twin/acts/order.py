"""Which acts are played, in which order. Each leaves the stage as it found it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bailiwick.twin.acts.connections import connect
from bailiwick.twin.acts.containers import containers
from bailiwick.twin.acts.crafted import crafted
from bailiwick.twin.acts.deciding import decide
from bailiwick.twin.acts.failures.daemons import clock, killed
from bailiwick.twin.acts.failures.reboot import applied_again, reboot
from bailiwick.twin.acts.failures.renumbering import renumbered
from bailiwick.twin.acts.ipv6 import ipv6_closed
from bailiwick.twin.acts.listeners import listeners
from bailiwick.twin.acts.modem import ask_modems
from bailiwick.twin.acts.nat.errors import errors
from bailiwick.twin.acts.nat.filtering import filtering
from bailiwick.twin.acts.nat.forwarding import forwarding
from bailiwick.twin.acts.nat.hairpin import hairpins
from bailiwick.twin.acts.nat.mapping import mapping
from bailiwick.twin.acts.nat.sizes import sizes
from bailiwick.twin.acts.nat.sources import sources
from bailiwick.twin.acts.nat.timers import timers
from bailiwick.twin.acts.owned import owned
from bailiwick.twin.acts.questions import ask_names
from bailiwick.twin.acts.redirects import redirects
from bailiwick.twin.acts.refuting import follow
from bailiwick.twin.acts.segments import segments
from bailiwick.twin.acts.stage import Act, Stage
from bailiwick.twin.acts.tags import mistagged
from bailiwick.twin.acts.vlan_tables import vlan_tables
from bailiwick.twin.options import CONTAINERS, TwinOptions
from bailiwick.twin.result import Check


def _tags(stage: Stage) -> Iterable[Check]:
    return mistagged(stage.script, stage.layout, stage.sightings, stage.router.macs())


def _modems(stage: Stage) -> Iterable[Check]:
    return ask_modems(stage.script.visits, 3 * stage.patience)


def _connections(stage: Stage) -> Iterable[Check]:
    return connect(stage.exchange, stage.script.probes, stage.sightings, stage.layout, 3 * stage.patience)


def _names(stage: Stage) -> Iterable[Check]:
    return ask_names(stage.exchange, stage.plan, stage.layout, 3 * stage.patience)


def _ipv6(stage: Stage) -> Iterable[Check]:
    return ipv6_closed(stage.layout, stage.router.macs(), stage.patience, stage.router.tunnel_ports())


ALWAYS: tuple[tuple[str, Act], ...] = (
    ("listeners", listeners),
    ("deciding rules", decide),
    ("refutations", follow),
    ("VLAN tables", vlan_tables),
    ("segments", segments),
    ("tags", _tags),
    ("modem pages", _modems),
    ("connections", _connections),
    ("names", _names),
    ("crafted", crafted),
    ("redirects", redirects),
    ("IPv6", _ipv6),
)
"""In every trial: seconds in all."""

ON_DEMAND: tuple[tuple[str, Act], ...] = (
    ("mappings", mapping),
    ("strangers", filtering),
    ("errors", errors),
    ("hairpins", hairpins),
    ("sizes", sizes),
    ("sources", sources),
    ("forwarding", forwarding),
    ("timers", timers),
    ("dnsmasq killed", killed),
    ("clock", clock),
    ("uplinks renumbered", renumbered),
    ("files applied again", applied_again),
    ("reboot", reboot),
)
"""With ``try --all``, after the others: what takes longer, or disturbs the router."""

WHERE_NAMED: tuple[tuple[str, Act], ...] = ((CONTAINERS, containers),)
"""Where somebody names them: they need what only some stages have, Docker."""

OF_CLAIMS = frozenset({"deciding rules", "refutations"})
"""Of those in every trial, the ones that are about the packets of single claims."""


def played(options: TwinOptions) -> Iterator[tuple[str, Act]]:
    """In order, with their names."""
    if options.just:
        yield from (one for one in (*ALWAYS, *ON_DEMAND, *WHERE_NAMED) if one[0] in options.just)
        return
    if options.owned:
        yield "owned host", owned
    longer = (one for one in ON_DEMAND if options.every or one[0] in options.acts)
    named = (one for one in WHERE_NAMED if one[0] in options.acts)
    for name, act in (*ALWAYS, *longer, *named):
        if not (options.only or options.owned) or name in OF_CLAIMS:
            yield name, act
