"""A document to a network: every noun in the order in which each needs the ones before it, then the cross-checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from bailiwick.language.diagnostic import Diagnostic
from bailiwick.network import presets
from bailiwick.network.checks import CHECKS
from bailiwick.network.checks.unused import warn_unused
from bailiwick.network.clock import resolve_clock
from bailiwick.network.devices import resolve_devices
from bailiwick.network.dhcp_options import resolve_options
from bailiwick.network.draft import Draft
from bailiwick.network.dynamic_names import resolve_dynamic_names
from bailiwick.network.findings import Findings
from bailiwick.network.forwards import resolve_forwards
from bailiwick.network.groups import Areas, check_groups
from bailiwick.network.hosts import resolve_hosts
from bailiwick.network.links import check_links
from bailiwick.network.log_host import resolve_log_host
from bailiwick.network.mirrors import resolve_listening
from bailiwick.network.model import Host, Network, Permission
from bailiwick.network.names import gather
from bailiwick.network.parties import Parties
from bailiwick.network.ports import find_router, resolve_router
from bailiwick.network.records import resolve_records
from bailiwick.network.resolver import resolve_resolver
from bailiwick.network.routes_out import resolve_routes_out
from bailiwick.network.sentences import Sentences
from bailiwick.network.services import Services
from bailiwick.network.switches import resolve_links, resolve_switches
from bailiwick.network.uplinks import resolve_uplinks
from bailiwick.network.wiring import trace
from bailiwick.network.zones import resolve_zones

if TYPE_CHECKING:
    from bailiwick.language import Document
    from bailiwick.language.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Resolution:
    """A network in which every name is known, and what a person may want to look at again."""

    network: Network
    warnings: tuple[Diagnostic, ...]
    asked: tuple[Permission, ...] = ()
    """Sentences that are in no file: somebody asks about them."""


def resolve(document: Document, today: date, questions: Iterable[Sentence] = ()) -> Resolution:
    """Looks every name up and writes every address out; sentences that expired before ``today`` are left out.

    ``questions`` may say what a line of ``tests`` may.

    Raises Problems with every error found.
    """
    home, findings = document.home, Findings(document.spans, document.sources)
    names = gather(home, findings)
    router_name = find_router(home, findings)
    draft = Draft(home, document.lists, findings, names, router_name)
    draft.zones = resolve_zones(draft)
    draft.uplinks = resolve_uplinks(draft)
    wiring = trace(draft)
    router = resolve_router(draft, wiring)
    draft.hosts = resolve_hosts(draft)
    draft.devices = resolve_devices(draft, wiring)
    switches = resolve_listening(draft, wiring, resolve_switches(draft, wiring))
    check_links(draft, wiring, router.ports)

    areas, services = Areas(draft), Services(draft)
    groups = check_groups(areas)
    sentences = Sentences(Parties(areas), services, today)
    policy = sentences.policy(home.policy, presets.sentences(home, findings))
    forwards = resolve_forwards(areas, services)
    routes_out = resolve_routes_out(areas)
    records = resolve_records(draft, router, forwards)
    network = Network(
        name=home.name,
        domain=home.domain,
        timezone=home.timezone,
        span=findings.spans.value(),
        router=router,
        uplinks=draft.uplinks,
        zones=draft.zones,
        hosts=draft.hosts,
        devices=draft.devices,
        policy=policy,
        forwards=forwards,
        routes_out=routes_out,
        resolver=resolve_resolver(draft, records),
        ntp=_ntp(draft.hosts),
        dhcp_options=resolve_options(home.dhcp.options, ("dhcp", "options"), findings),
        deny=sentences.tests(home.tests.deny, "deny"),
        accept=sentences.tests(home.tests.accept, "accept"),
        groups=groups,
        switches=switches,
        links=resolve_links(draft, wiring),
        clock=resolve_clock(draft),
        log_host=resolve_log_host(draft),
        dynamic_names=resolve_dynamic_names(draft),
        fasttrack=findings.spans.key("fasttrack") if home.fasttrack else None,
    )
    asked = sentences.tests(questions, "asked")
    for check in CHECKS:
        check(network, findings)
    warn_unused(draft, areas, services)
    findings.raise_errors()
    return Resolution(network, findings.warnings(), asked)


def _ntp(hosts: Mapping[str, Host]) -> tuple[tuple[str, IPv4Address], ...]:
    return tuple((leg.place, leg.address) for host in hosts.values() if "ntp" in host.serves for leg in host.legs)
