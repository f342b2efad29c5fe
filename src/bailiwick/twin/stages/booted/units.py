"""What systemd and networkd say of the rendered units and links, once the router has booted."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

from bailiwick.plan.model import LinkKind, Plan
from bailiwick.targets.artifact import Tree
from bailiwick.twin.result import Check
from bailiwick.twin.scene.namespaces import run

STATES = ("LoadState", "UnitFileState", "ActiveState", "SubState", "Result")
WORDS = 600  # characters of a journal


def _shown(unit: str) -> dict[str, str]:
    said = run("systemctl", "show", unit, *(f"--property={name}" for name in STATES))
    return dict(line.split("=", 1) for line in said.splitlines() if "=" in line)


def _journal(unit: str) -> str:
    said = run("journalctl", "--no-pager", "--boot", "--unit", unit, "--output", "cat").strip()
    return f"; {said[-WORDS:]}" if said else ""


def units(tree: Tree, plan: Plan) -> Iterator[Check]:
    """A check for each unit that the files enable or mask, one for failed ones, and one for each link of networkd's."""
    for unit in tree.enable:
        state = _shown(unit)
        active = state.get("ActiveState")
        seen = f"{active} ({state.get('SubState')})"
        yield Check(
            f"systemd: {unit}", "active", seen + ("" if active == "active" else _journal(unit)), active == "active"
        )
    for unit in tree.disable:
        state = _shown(unit.replace("@.", "@any."))
        off = state.get("ActiveState") == "inactive" and state.get("LoadState") in ("masked", "not-found")
        yield Check(f"systemd: {unit}", "masked", f"{state.get('LoadState')}, {state.get('ActiveState')}", off)
    failed = [
        line.split()[0] for line in run("systemctl", "list-units", "--failed", "--plain", "--no-legend").splitlines()
    ]
    words = ", ".join(f"{unit}{_journal(unit)}" for unit in failed)
    yield Check("systemd: failed units", "none", words or "none", not failed)
    yield from _links(plan)


def _links(plan: Plan) -> Iterator[Check]:
    """networkctl(1): what has no program of its own to raise it is "configured"."""
    listed = subprocess.run(["networkctl", "list", "--json=short"], capture_output=True, text=True, check=False)
    states: dict[str, str] = {}
    if listed.returncode == 0:
        states = {one["Name"]: one.get("AdministrativeState", "") for one in json.loads(listed.stdout)["Interfaces"]}
    for interface in plan.interfaces:
        if interface.kind not in (LinkKind.PPP, LinkKind.TUNNEL):
            state = states.get(interface.name, "unknown to networkd")
            yield Check(f"networkctl: {interface.name}", "configured", state, state == "configured")
