"""What runs is what was rendered: each line read back from the kernel and the daemons."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from bailiwick.dataplane.linux import GUARD
from bailiwick.targets.artifact import Artifact, Tree
from bailiwick.twin.layout import ROUTER
from bailiwick.twin.loaded.files import files_loaded
from bailiwick.twin.loaded.links import links_loaded
from bailiwick.twin.loaded.ruleset import ruleset_loaded
from bailiwick.twin.result import Loaded
from bailiwick.twin.scene.machines import Machine
from bailiwick.twin.scene.namespaces import run_in, within
from bailiwick.twin.scene.router import Router

COMPLAINT = re.compile(r"Unknown (key|section|lvalue)|Failed to parse|ignoring|Invalid", re.IGNORECASE)


def read_back(tree: Tree, router: Router) -> tuple[Loaded, ...]:
    """One entry for each line that asks for something; those not found say what is there instead."""
    found = list(files_loaded(tree, router.layout))
    for artifact in tree.artifacts:
        if artifact.path.startswith("/etc/sysctl.d/"):
            found += _settings(artifact)
        elif artifact.path.endswith(".nft") and artifact.path != GUARD:
            found += ruleset_loaded(artifact)
        elif artifact.path.endswith(".network"):
            found += links_loaded(artifact, router.layout)
        elif artifact.path.endswith("exits.batch"):
            found += _exits(artifact)
    found += _daemons(router)
    return tuple(found)


def machines_read_back(machines: Iterable[Machine]) -> Iterator[Loaded]:
    """The rules of switches and hypervisors; of what else they are, the acts ask (``vlan_tables``)."""
    for machine in machines:
        for artifact in machine.tree.artifacts:
            if artifact.path.endswith(".nft"):
                yield from ruleset_loaded(artifact, machine.namespace, f"{machine.bridge.device}:{artifact.path}")


def _settings(artifact: Artifact) -> Iterator[Loaded]:
    for number, line in enumerate(artifact.text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith(("#", ";")):
            continue
        key, _, value = (part.strip() for part in line.partition("="))
        optional, key = key.startswith("-"), key.lstrip("-")
        path = Path("/proc/sys") / (key if "/" in key else key.replace(".", "/"))
        place = f"{artifact.path}:{number}"
        with within(ROUTER):
            if not path.exists():
                yield Loaded(f"setting {key}", place, None if optional else False, "this kernel has no such setting")
                continue
            now = path.read_text().strip()
        # The stage's own: see Router, which lets the kernel tell of every refusal.
        if key.endswith(("icmp_ratelimit", "icmp_msgs_per_sec", "icmp_msgs_burst")):
            yield Loaded(f"setting {key}", place, None, "the stage sets this one itself")
        else:
            yield Loaded(f"setting {key}", place, now.split() == value.split(), f"it is {now}")


def _exits(artifact: Artifact) -> Iterator[Loaded]:
    rules = Counter(str(rule["priority"]) for rule in json.loads(run_in(ROUTER, "ip", "-j", "-4", "rule")))
    routes = json.loads(run_in(ROUTER, "ip", "-j", "-4", "route", "show", "table", "all"))
    closed = {str(route.get("table")) for route in routes if route.get("type") == "unreachable"}
    for number, line in enumerate(artifact.text.splitlines(), 1):
        words = line.split()
        place = f"{artifact.path}:{number}"
        if words[:2] == ["rule", "add"]:
            preference = words[words.index("pref") + 1]
            there = rules[preference] > 0
            rules[preference] -= 1
            yield Loaded(f"routing rule {' '.join(words[2:])}", place, there)
        elif words[:2] == ["route", "replace"]:
            table = words[words.index("table") + 1]
            yield Loaded(f"closed table {table}", place, table in closed)


def _daemons(router: Router) -> Iterator[Loaded]:
    for name, said in router.failures.items():
        yield Loaded(f"unit {name}", name, False, said)
    for name, said in router.unmet.items():
        yield Loaded(f"tunnel {name}", name, False, said)
    for name in router.left_out:
        yield Loaded(f"unit {name}", name, None, "its interface has a stand-in")
    for name, process in router.daemons.items():
        code = process.poll()
        said = router.log(name)
        yield Loaded(f"unit {name}", name, code is None, "" if code is None else said.strip()[-400:])
        for line in said.splitlines():
            if name == "systemd-networkd" and COMPLAINT.search(line) and "/etc/" in line:
                yield Loaded("networkd line", line.split(" ", 1)[0].rstrip(":"), None, line)
