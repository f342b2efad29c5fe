"""A MikroTik as the router: one script, in the order in which nobody is let in or locked out half-way.

First what an earlier run left goes, then come objects, addresses, what the router answers, the filter, translation,
services; then tags decide, and at last packets are forwarded and the uplinks come up.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from bailiwick.plan.model import Plan
from bailiwick.plan.switching import VlanBridge
from bailiwick.targets.artifact import Tree
from bailiwick.targets.lines import Line, artifact, banner, comments, paragraphs
from bailiwick.targets.routeros import (
    addresses,
    backup,
    clock,
    cloud,
    dhcp,
    dns,
    hardening,
    nat,
    ownership,
    returning,
    routing,
    syslog,
    uplinks,
    wireguard,
)
from bailiwick.targets.routeros.address_lists import AddressLists
from bailiwick.targets.routeros.bridge import bridge, filtering, ports, table
from bailiwick.targets.routeros.filter import filters
from bailiwick.targets.routeros.interface_lists import InterfaceLists
from bailiwick.targets.routeros.mirrors import mirrors
from bailiwick.targets.routeros.syntax import command
from bailiwick.targets.spans import Node, spans_by_id

PATH = "/bailiwick.rsc"
RELOAD = "/import file-name=bailiwick.rsc"


def router(plan: Plan) -> Tree:
    """The router's one file. Raises ValueError for what RouterOS cannot hold."""
    own = next(one for one in plan.bridges if one.device == plan.router)
    release = plan.platform.removeprefix("routeros-")
    tunnels = [one.name for one in plan.interfaces if one.foreign]
    head = (
        *banner(f"A router that runs RouterOS {release}", plan.router),
        *comments(
            "Upload it as bailiwick.rsc. The first time, for a device without configuration:",
            "  /system/reset-configuration no-defaults=yes skip-backup=no run-after-reset=bailiwick.rsc",
            f"From then on: {RELOAD}",
            *(f"It takes a tunnel {name} for granted: make that first, and keep it." for name in tunnels),
        ),
        Line(""),
    )
    lines = (*head, *paragraphs(*_parts(plan, own)))
    file = artifact(PATH, lines, mode=0o600, reload=RELOAD, secrets=uplinks.secrets(plan))
    beside: tuple[Node, ...] = (own, *own.ports)
    spans = {**spans_by_id(plan), **{node.id: node.spans for node in beside}}
    return Tree(device=plan.router, artifacts=(file,), spans=dict(sorted(spans.items())))


def _parts(plan: Plan, own: VlanBridge) -> Iterator[tuple[Line, ...]]:
    lists, interfaces = AddressLists(), InterfaceLists(plan)
    # Rules first: they ask for the lists, which stand before them in the script.
    rules = tuple(filters(plan, lists, interfaces))
    doors, masks = tuple(nat.doors(plan, lists, interfaces)), tuple(nat.masks(plan, lists))
    sized = tuple(nat.clamping(plan))
    marks = tuple(returning.returning(plan, lists))
    vlans = [one.vlan for one in plan.interfaces if one.parent == own.name and one.vlan is not None]
    yield tuple(ownership.away())
    yield tuple(chain(hardening.identity(plan), hardening.forwarding(plan)))
    yield (*comments("The bridge, which does not look at tags before the last lines."), bridge(own))
    yield tuple(ports(own, own.ports)) if own.ports else ()
    yield _titled("VLANs, one a row. The bridge itself is a member of each.", table(own, own.ports, vlans))
    yield _titled("The zones.", chain(addresses.port_settings(plan), addresses.vlan_interfaces(plan)))
    yield tuple(addresses.zone_addresses(plan))
    yield _titled("The uplinks' sessions, which dial at the end.", uplinks.sessions(plan))
    yield _titled("Tunnels to a provider, which come up at the end.", wireguard.ends(plan))
    yield _titled("Who is inside. The outside is whatever is not.", interfaces.lines())
    yield _titled("DHCP.", dhcp.servers(plan))
    yield _titled("Names.", dns.resolver(plan))
    yield _titled("Addresses that the rules ask for.", lists.lines())
    yield from rules
    yield _titled("Doors in, and questions that are turned to the right resolver.", doors)
    yield _titled("The uplinks' addresses for what leaves by them.", masks)
    yield _titled("Ways out that some addresses must take, and a black hole at the end of each.", routing.routing(plan))
    yield _titled("By which uplink a connection came, and its answers go.", marks)
    yield _titled("Segment sizes for tunnels and PPPoE.", sized)
    yield _titled("The clock, and what the vendor's cloud does.", chain(clock.clock(plan), cloud.cloud(plan)))
    yield _titled("The log goes to another host as well.", syslog.syslog(plan))
    yield tuple(hardening.services(plan))
    yield tuple(backup.backup())
    yield (*comments("From here on tags decide."), filtering(own))
    yield (
        *comments("The filter stands: packets are forwarded, and the uplinks come up."),
        command("/ip settings", "set", {"ip-forward": "yes"}),
        *uplinks.dial(plan),
        *routing.ways_out(plan),
    )
    yield tuple(mirrors(own))


def _titled(title: str, lines: Iterator[Line] | tuple[Line, ...]) -> tuple[Line, ...]:
    given = tuple(lines)
    return (*comments(title), *given) if given else ()
