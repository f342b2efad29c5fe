"""The compiler on one page: a network goes in, every decision about it comes out."""

from __future__ import annotations

from bailiwick.network.model import Network
from bailiwick.plan.bridges import lay_bridges
from bailiwick.plan.clock import time_servers
from bailiwick.plan.dhcp import dhcp_servers
from bailiwick.plan.doors import door_flows, find_hairpins
from bailiwick.plan.dynamic_names import dynamic_names
from bailiwick.plan.exits import choose_exits, find_returns
from bailiwick.plan.flows import policy_flows, united
from bailiwick.plan.hygiene import clamps, keep_clean
from bailiwick.plan.interfaces import lay_interfaces
from bailiwick.plan.log_server import log_server
from bailiwick.plan.machines import guest_machines
from bailiwick.plan.model import Fasttrack, Plan
from bailiwick.plan.openings import derived_flows
from bailiwick.plan.resolvers import resolvers
from bailiwick.plan.settings import settings
from bailiwick.plan.sheets import sheets
from bailiwick.plan.translations import masquerades, translations
from bailiwick.plan.ways import Ways


def make_plan(network: Network) -> Plan:
    """Decide everything. Pure: equal networks give equal plans, whatever the order of their lines."""
    interfaces = lay_interfaces(network)
    wires = {i.place: i for i in interfaces if i.place is not None}
    ways = Ways(network)
    exits = choose_exits(network, ways, wires)
    hairpins = find_hairpins(network, ways)
    flows = united(
        (
            *policy_flows(network, ways),
            *derived_flows(network, ways, exits),
            *door_flows(network, hairpins),
        )
    )
    return Plan(
        name=network.name,
        router=network.router.name,
        platform=network.router.platform,
        timezone=network.timezone,
        domain=network.domain,
        interfaces=interfaces,
        exits=exits,
        returns=find_returns(network, exits, flows, wires),
        flows=flows,
        translations=translations(network, ways, exits, hairpins),
        masquerades=masquerades(network, hairpins),
        hygiene=keep_clean(network),
        clamps=clamps(interfaces),
        rejects=tuple(sorted(zone.id for zone in network.zones.values() if zone.reject)),
        dhcp=dhcp_servers(network, wires),
        resolvers=resolvers(network, exits, wires),
        settings=() if network.router.routeros else settings(interfaces),
        sheets=sheets(network, interfaces),
        home_subnets=tuple(sorted(zone.subnet for zone in network.zones.values())),
        bridges=lay_bridges(network),
        guests=guest_machines(network),
        time_servers=time_servers(network),
        log_server=log_server(network),
        dynamic_names=dynamic_names(network),
        fasttrack=None if network.fasttrack is None else Fasttrack("fasttrack", (network.fasttrack,)),
    )
