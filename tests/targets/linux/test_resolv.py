from __future__ import annotations

from dataclasses import replace

from bailiwick.plan.model import Plan
from bailiwick.targets.linux.resolv import resolv
from tests.targets.linux.router_plans import DHCP, PLAN, address, resolver


def servers(plan: Plan) -> list[str]:
    return [line.split()[1] for a in resolv(plan) for line in a.text.splitlines() if line.startswith("nameserver")]


def test_a_router_that_answers_asks_itself() -> None:
    assert servers(PLAN) == ["127.0.0.1"]


def test_else_it_asks_whom_dhcp_names() -> None:
    zones = tuple(replace(server, resolver=address("192.168.10.53")) for server in DHCP)
    assert servers(replace(PLAN, resolvers=(resolver("main", serves=False),), dhcp=zones)) == ["192.168.10.53"]


def test_or_the_upstreams_and_never_more_than_the_library_reads() -> None:
    upstreams = tuple(address(f"203.0.113.{n}") for n in range(1, 6))
    plan = replace(PLAN, resolvers=(resolver("main", serves=False, upstreams=upstreams),), dhcp=())
    assert servers(plan) == ["203.0.113.1", "203.0.113.2", "203.0.113.3"]


def test_without_any_the_file_is_left_alone() -> None:
    assert resolv(replace(PLAN, resolvers=(), dhcp=())) == ()
