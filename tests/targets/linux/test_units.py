from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from bailiwick.targets.artifact import Artifact
from bailiwick.targets.linux.dnsmasq import instances
from bailiwick.targets.linux.nftables import firewall
from bailiwick.targets.linux.routing import routing
from bailiwick.targets.linux.systemd import enabled, units
from bailiwick.targets.linux.systemd.unit import device_unit
from tests.targets.linux.private_stage import exposure, on_stage
from tests.targets.linux.router_plans import PLAN

MOST_EXPOSURE = 3.0


def unit_files() -> tuple[Artifact, ...]:
    return units(PLAN)


def loader() -> Artifact:
    """A stand-in for the firewall's: verify only asks whether it is there and can be run."""
    return Artifact("/usr/lib/bailiwick/load-firewall", "#!/bin/sh\n", mode=0o755)


def names() -> list[str]:
    return [Path(a.path).name for a in unit_files() if a.path.endswith(".service")]


@cache
def calls(group: str) -> frozenset[str]:
    """The system calls of one of systemd's sets, its inner sets included."""
    done = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True)
    words = [line.strip() for line in done.stdout.splitlines()[1:]]
    found: set[str] = set()
    for word in words:
        if word.startswith("@"):
            found |= calls(word)
        elif word and not word.startswith("#"):
            found.add(word)
    return frozenset(found)


def allowed(unit: str) -> frozenset[str]:
    """What the unit's own filter lets through, read from its text."""
    text = next(a.text for a in unit_files() if a.path.endswith("/" + unit))
    left: frozenset[str] = frozenset()
    for line in re.findall(r"^SystemCallFilter=(.*)$", text, re.MULTILINE):
        groups = [calls(group) for group in line.removeprefix("~").split()]
        left = left.difference(*groups) if line.startswith("~") else left.union(*groups)
    return left


@pytest.mark.parametrize(
    ("interface", "unit"),
    [
        ("eth0", "sys-subsystem-net-devices-eth0.device"),
        ("eth0.10", "sys-subsystem-net-devices-eth0.10.device"),
        ("wg-ivpn", "sys-subsystem-net-devices-wg\\x2divpn.device"),
        ("a@b", "sys-subsystem-net-devices-a\\x40b.device"),
    ],
)
def test_device_units_are_escaped_as_systemd_does(interface: str, unit: str) -> None:
    assert device_unit(interface) == unit


@pytest.mark.real
def test_device_units_agree_with_systemd_escape() -> None:
    for interface in ("eth0.10", "wg-ivpn", "a@b", "ppp_x:1"):
        done = subprocess.run(
            ["systemd-escape", "--path", "--suffix=device", f"/sys/subsystem/net/devices/{interface}"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.strip() == device_unit(interface)


def test_networkd_does_not_start_without_firewall_and_exits() -> None:
    drop_in = next(a.text for a in unit_files() if "systemd-networkd.service.d" in a.path)
    for key in ("Requires", "After"):
        assert f"{key}=bailiwick-firewall.service bailiwick-exits.service\n" in drop_in


def test_every_enabled_unit_is_written_or_the_systems_own() -> None:
    written = set(names())
    for unit in enabled(PLAN):
        template = re.sub(r"@.*\.service$", "@.service", unit)
        assert template in written or unit == "systemd-networkd.service"


def test_no_resolver_no_unit() -> None:
    plan = replace(PLAN, resolvers=(), dhcp=())
    assert not any("dnsmasq" in a.path for a in units(plan))
    assert not any("dnsmasq" in unit for unit in enabled(plan))


@pytest.mark.real
def test_systemd_finds_nothing_to_say_about_the_units(tmp_path: Path) -> None:
    """Its exit status says nothing about unknown keys: any line is a failure."""
    instances = [name.replace("@.", "@main.") for name in names()]
    script = f"cd /etc/systemd/system && systemd-analyze verify --man=no {' '.join(instances)} systemd-networkd.service"
    done = on_stage((*unit_files(), loader(), *routing(PLAN)), tmp_path, script)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.real
@pytest.mark.parametrize("name", names())
def test_a_unit_is_little_exposed(name: str, tmp_path: Path) -> None:
    assert exposure(unit_files(), tmp_path, name) <= MOST_EXPOSURE


@pytest.mark.real
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize(
    ("unit", "command"),
    [
        ("bailiwick-firewall.service", "/usr/lib/bailiwick/load-firewall"),
        ("bailiwick-exits.service", "/usr/lib/bailiwick/load-exits"),
        ("bailiwick-dnsmasq@.service", "dnsmasq -k -C /etc/bailiwick/dnsmasq/main.conf"),
    ],
)
def test_the_sandbox_lets_a_program_do_what_it_does(unit: str, command: str, tmp_path: Path) -> None:
    """The calls that the program makes under its capabilities alone are among those that its unit allows."""
    text = next(a.text for a in unit_files() if a.path.endswith("/" + unit))
    capabilities = [c.lower() for c in re.findall(r"^CapabilityBoundingSet=(.*)$", text, re.MULTILINE)[0].split()]
    bounds = ",".join(f"+{c.removeprefix('cap_')}" for c in capabilities)
    identity = "--reuid 61234 --regid 61234 --clear-groups" if "DynamicUser=yes" in text else ""
    script = f"""
ip link add lan type veth peer name p-lan; ip address add 192.168.10.1/24 dev lan; ip link set lan up
chmod 0777 /run /var/lib/bailiwick/dnsmasq-main
code=0
timeout 3 strace -f -qq -c -U name -o /run/calls setpriv {identity} --inh-caps "-all,{bounds}" --ambient-caps \
    "-all,{bounds}" --bounding-set "-all,{bounds}" --no-new-privs {command} >/run/said 2>&1 || code=$?
cat /run/said >&2
echo "$code"
cat /run/calls
"""
    done = on_stage((*firewall(PLAN), *routing(PLAN), *instances(PLAN)), tmp_path, script)
    assert done.returncode == 0, done.stderr
    code, *made = done.stdout.split()
    assert code in ("0", "124"), done.stderr  # a daemon runs until it is stopped
    made = [word for word in made if re.fullmatch(r"[a-z][a-z0-9_]+", word)]
    assert "execve" in made
    of_setpriv = {"capset", "setresuid", "setresgid", "setgroups", "capget", "syscall", "total"}
    assert not set(made) - of_setpriv - allowed(unit) - calls("@default")
