"""The router's filter and translation: one table of nftables, a second for bridges, and the program that loads them."""

from __future__ import annotations

from importlib import resources

from bailiwick.plan.model import Plan
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.linux.nftables.base_chains import FAMILY, NAME, table
from bailiwick.targets.linux.nftables.tagging import tagging

__all__ = ["LOADER", "PATH", "firewall", "loader"]

PATH = "/etc/bailiwick/firewall.nft"
LOADER = "/usr/lib/bailiwick/load-firewall"

_HEAD = f"""\
# The firewall of {{router}}, written from its home file: change that one, not this.
# Loaded by {LOADER}, or by hand with: nft -f {PATH}
# Each rule and element says in its comment which lines of the plan it carries out.

table {FAMILY} {NAME}
delete table {FAMILY} {NAME}

"""


def firewall(plan: Plan) -> tuple[Artifact, ...]:
    """The rules and their loader. Raises ValueError when the plan asks for what a packet filter cannot hold."""
    lines = list(table(plan).lines())
    tags = tagging(plan)
    if tags is not None:
        anew = f"table {tags.family} {tags.name}"
        lines += [("", ()), (anew, ()), (f"delete {anew}", ()), ("", ()), *tags.lines()]
    head = _HEAD.format(router=plan.router)
    first = head.count("\n") + 1
    rules = Artifact(
        PATH,
        head + "".join(f"{text}\n" for text, _ in lines),
        mode=0o600,
        reload=LOADER,
        lines={number: ids for number, (_, ids) in enumerate(lines, first) if ids},
    )
    return rules, loader()


def loader() -> Artifact:
    """The script that loads the file; the same for everybody, whatever tables of ours the file holds."""
    script = resources.files(__package__).joinpath("load-firewall.sh").read_text(encoding="utf-8")
    return Artifact(LOADER, script, mode=0o755)
