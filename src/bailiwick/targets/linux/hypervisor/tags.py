"""What is dropped at the bridge's access ports, when it is loaded, and what keeps it loaded.

networkd needs the rules, as on a router: where they cannot be loaded no bridge is made, no tap, and no guest starts
(``systemd.early``). Whatever else filters packets on the machine stays, Debian's nftables.service too, which begins and
ends with ``flush ruleset``: ours are loaded again after it.
"""

from __future__ import annotations

from bailiwick.plan.switching import VlanBridge
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import BLANK, Line, artifact, banner, comments
from bailiwick.targets.linux.ini import Entry, Section, lines
from bailiwick.targets.linux.nftables import LOADER, PATH, loader
from bailiwick.targets.linux.nftables.tagging import at_access_ports
from bailiwick.targets.linux.systemd.early import FIREWALL, loading, networkd_waits

FLUSHES = "nftables.service"


def tags(plan: VlanBridge) -> tuple[Artifact, ...]:
    """The rules, their loader, its unit, and who waits for it; nothing without access ports."""
    table = at_access_ports(plan)
    if table is None:
        return ()
    anew = f"table {table.family} {table.name}"
    rules = artifact(
        PATH,
        (
            *banner("Frames with a tag: dropped at access ports", plan.device),
            *comments("A guest that writes its own VLAN's tag and another one would come out of a trunk in that one."),
            *comments(f"Loaded by {LOADER}, or by hand with: nft -f {PATH}"),
            *(Line(text) if text else BLANK for text in ("", anew, f"delete {anew}", "")),
            *(Line(text, ids) for text, ids in table.lines()),
        ),
        mode=0o600,
        reload=LOADER,
    )
    what = "What access ports drop, before any interface comes up"
    unit = loading(FIREWALL, what, LOADER, plan.device)
    return (rules, loader(), unit, networkd_waits(plan.device, FIREWALL), _again(plan))


def units(plan: VlanBridge) -> tuple[str, ...]:
    """To enable, before networkd."""
    return (FIREWALL,) if at_access_ports(plan) else ()


def _again(plan: VlanBridge) -> Artifact:
    ids = (plan.id,)
    section = Section(
        "Service", tuple(Entry(key, LOADER, ids) for key in ("ExecStartPost", "ExecReload", "ExecStopPost"))
    )
    return artifact(
        f"/etc/systemd/system/{FLUSHES}.d/10-bailiwick.conf",
        (*banner("It flushes every table: ours is loaded again", plan.device), *lines([section])),
        reload="systemctl daemon-reload",
    )
