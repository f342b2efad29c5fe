"""``.link``: which card bears which name (systemd.link(5))."""

from __future__ import annotations

from bailiwick.plan.model import Interface, LinkKind
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import artifact, banner
from bailiwick.targets.linux.ini import Entry, Section, lines


def link(interface: Interface, router: str) -> tuple[Artifact, ...]:
    """Nothing for a port that nobody tied to a card: it keeps the name that the system gives it.

    The permanent address is matched, as a VLAN or a bridge above the card borrows its current one.
    """
    if interface.kind is not LinkKind.ETHERNET or not (interface.mac or interface.path):
        return ()
    ids = (interface.id,)
    match = [Entry("PermanentMACAddress", interface.mac, ids)] if interface.mac else []
    if interface.path:
        match.append(Entry("Path", interface.path, ids))
    sections = (Section("Match", tuple(match)), Section("Link", (Entry("Name", interface.name, ids),)))
    return (
        artifact(
            f"/etc/systemd/network/10-bailiwick-{interface.name}.link",
            (*banner(f"The card called {interface.name}", router), *lines(sections)),
            reload="udevadm control --reload",
        ),
    )
