"""Homes made up from a seed, rendered whole."""

from __future__ import annotations

import subprocess
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from bailiwick.language import loads
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.plan.model import Plan
from bailiwick.targets import manifest, render
from tests.homes import generate_home
from tests.targets.linux.private_stage import install

SEEDS = range(6)


@cache
def plan_of(seed: int) -> Plan:
    files = generate_home(zones=3 + seed, hosts=10 * seed, sentences=15, seed=seed)
    return make_plan(resolve(loads(files), date(2026, 6, 1)).network)


@pytest.mark.parametrize("seed", SEEDS)
def test_any_home_is_rendered_the_same_twice_and_every_line_to_a_node(seed: int) -> None:
    plan = plan_of(seed)
    first, second = render(plan), render(plan)
    assert [manifest(tree) for tree in first] == [manifest(tree) for tree in second]
    settings = {f"setting:{setting.key}" for setting in plan.settings}
    for artifact in first[0].artifacts:
        lines = artifact.text.splitlines()
        assert artifact.text.endswith("\n")
        assert all(1 <= number <= len(lines) and lines[number - 1].strip() for number in artifact.lines)
        if artifact.path != "/etc/bailiwick/firewall.nft":  # its hygiene and chains are nobody's line
            assert {i for ids in artifact.lines.values() for i in ids} <= set(first[0].spans) | settings


@pytest.mark.real
@pytest.mark.parametrize("seed", SEEDS)
def test_dnsmasq_reads_any_homes_files(seed: int, tmp_path: Path) -> None:
    router = render(plan_of(seed))[0]
    configs = [a for a in router.artifacts if a.path.startswith("/etc/bailiwick/dnsmasq/")]
    install(configs, tmp_path)
    assert configs
    for config in configs:
        path = tmp_path / config.path.lstrip("/")
        done = subprocess.run(["dnsmasq", "--test", "-C", str(path)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr.strip()) == (0, "dnsmasq: syntax check OK.")
