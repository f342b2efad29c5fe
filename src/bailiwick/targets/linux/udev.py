"""What must be set when a part of the kernel appears, whoever brought it (udev(7))."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.model import LinkKind, Plan
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import Line, artifact, banner, comments, paragraphs
from bailiwick.targets.linux.sysctl import setting_id

PATH = "/etc/udev/rules.d/90-bailiwick.rules"
BRIDGE_SETTINGS = "net/bridge/"


def udev(plan: Plan) -> tuple[Artifact, ...]:
    """Nothing for a router without bridges."""
    rules = paragraphs(_tags(plan), _settings(plan))
    if not rules:
        return ()
    lines = (*banner("When bridges and their module appear", plan.router), *rules)
    return (artifact(PATH, lines, reload="udevadm control --reload"),)


def _tags(plan: Plan) -> Iterator[Line]:
    """A bridge that looks at tags drops those it has no use for: each port is in the bridge's own VLAN 1 alone.

    Without, a host could send a frame with a second tag inside its zone's, which a trunk on the same bridge would
    carry out into the zone of that tag, past the firewall. networkd raises a bridge after this has run.
    """
    bridges = [i for i in plan.interfaces if i.kind is LinkKind.BRIDGE]
    if bridges:
        yield from comments("A frame with a tag of its own does not cross from zone to zone by a trunk.")
    for bridge in bridges:
        rule = f'ACTION=="add", SUBSYSTEM=="net", KERNEL=="{bridge.name}", ATTR{{bridge/vlan_filtering}}="1"'
        yield Line(rule, (bridge.id,))


def _settings(plan: Plan) -> Iterator[Line]:
    ids = tuple(setting_id(s) for s in plan.settings if s.key.startswith(BRIDGE_SETTINGS))
    if ids:
        yield from comments("A container engine may load br_netfilter at any time.")
        rule = (
            'ACTION=="add", SUBSYSTEM=="module", KERNEL=="br_netfilter", '
            'RUN+="/lib/systemd/systemd-sysctl --prefix=/net/bridge"'
        )
        yield Line(rule, ids)
