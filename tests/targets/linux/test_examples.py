"""Both examples' files, whole, as they were when somebody last read them."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bailiwick.language import load
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.targets import Tree, render
from tests.targets.linux.private_stage import OF_NO_CGROUP, on_stage

ROOT = Path(__file__).parents[3]
EXAMPLES = ("one-router", "public-apps")
ELSEWHERE = ("/etc/bailiwick/firewall.nft", "/etc/bailiwick/guard.nft", "/usr/lib/bailiwick/")
"""Held by the cases of nftables, and scripts that are the same for everybody."""


def trees(name: str, platform: str | None = None) -> tuple[Tree, ...]:
    home = load(ROOT / "examples" / f"{name}.yaml")
    plan = make_plan(resolve(home, date(2026, 6, 1)).network)
    return render(replace(plan, platform=platform or plan.platform))


def running_platform() -> str:
    """The suite whose systemd runs here."""
    said = subprocess.run(["systemctl", "--version"], capture_output=True, text=True, check=True).stdout
    return "debian-13" if int(said.split()[1]) >= 256 else "debian-12"


def listing(tree: Tree) -> str:
    files = [a for a in tree.artifacts if not a.path.startswith(ELSEWHERE)]
    return "".join(f"==== {tree.device}:{a.path} {a.mode:04o}\n{a.text}\n" for a in files)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_rendered_as_it_was_read(name: str, request: pytest.FixtureRequest) -> None:
    golden = ROOT / "tests/cases/linux/examples" / f"{name}.txt"
    actual = "\n".join(map(listing, trees(name)))
    if request.config.getoption("--update-cases"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(actual, encoding="utf-8")
    assert actual == golden.read_text(encoding="utf-8")


@pytest.mark.real
@pytest.mark.parametrize("name", EXAMPLES)
def test_systemd_and_dnsmasq_take_an_example(name: str, tmp_path: Path) -> None:
    """Every key of every file is known to the daemons; links that this kernel cannot make do not matter here."""
    router = trees(name, running_platform())[0]
    script = """
for conf in /etc/bailiwick/dnsmasq/*.conf; do dnsmasq --test -C "$conf" 2>&1; done
networkd
wait_for 10 test -e /run/systemd/netif/state  # written when all files are read
cat /run/networkd.log
cd /etc/systemd/system
for unit in bailiwick-*.service; do
    case $unit in *@.service) unit=${unit%.service}main.service ;; esac
    systemd-analyze verify --man=no "$unit"
done
"""
    done = on_stage(router.artifacts, tmp_path, script)
    assert (done.returncode, done.stderr) == (0, "")
    for word in ("Unknown", "ignoring", "Invalid", "bad "):
        assert word not in done.stdout.replace(OF_NO_CGROUP, ""), done.stdout
    assert done.stdout.count("syntax check OK.") == len([a for a in router.artifacts if "/dnsmasq/" in a.path])
