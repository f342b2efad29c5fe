"""The second filter that stands while the device changes: what passes then is what the old and the new both let pass.

``bailiwick_guard`` is the target's filter, ``bailiwick_guard_old`` that of the files that lie on the device when the
switch begins. Both go once the new state stands.
"""

from __future__ import annotations

import json

from bailiwick.agent.commands import run
from bailiwick.agent.places import Places
from bailiwick.agent.switch.installing import Target
from bailiwick.dataplane.linux import GUARD

FAMILY = "inet"
NEW, OLD = "bailiwick_guard", "bailiwick_guard_old"


def stand(target: Target) -> bool:
    """Before anything is changed; False where neither state has a filter. Raises CommandFailed."""
    new, old = target.text(GUARD), _installed(target.places)
    if new:
        run("nft", "-f", "-", text=new)
    if old and old != new:
        run("nft", "-f", "-", text=old.replace(f" {NEW}", f" {OLD}"))
    return bool(new or old)


def withdraw() -> None:
    """Both go in one transaction; so they may be already. Raises CommandFailed."""
    here = [name for name in (NEW, OLD) if name in tables()]
    if here:
        run("nft", "-f", "-", text="".join(f"delete table {FAMILY} {name}\n" for name in here))


def tables() -> frozenset[str]:
    """The names of the tables of our family. Raises CommandFailed."""
    listed = json.loads(run("nft", "-j", "list", "tables", FAMILY))["nftables"]
    return frozenset(entry["table"]["name"] for entry in listed if "table" in entry)


def _installed(places: Places) -> str:
    try:
        return places.on_device(GUARD).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
