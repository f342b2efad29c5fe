"""Kernel settings (sysctl.d(5)), and the modules whose settings must be there when they are written."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from bailiwick.plan.model import Plan, Setting
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import Line, artifact, banner, comments, paragraphs

PATH = "/etc/sysctl.d/90-bailiwick.conf"
CONNTRACK = "net/netfilter/"


def setting_id(setting: Setting) -> str:
    """The plan id of a setting, which has no name but its key."""
    return f"setting:{setting.key}"


def sysctl(plan: Plan) -> tuple[Artifact, ...]:
    """The settings. An interface that appears later gets its own from udev's stock rule (99-systemd.rules)."""
    apply = f"/lib/systemd/systemd-sysctl {PATH}"
    files = [
        artifact(
            PATH,
            (*banner("Kernel settings of a router", plan.router), *paragraphs(*_settings(plan.settings))),
            reload=apply,
        )
    ]
    if tracking := tuple(setting_id(s) for s in plan.settings if s.key.startswith(CONNTRACK)):
        lines = (
            *banner("Connection tracking, before its settings are written", plan.router),
            Line("nf_conntrack", tracking),
        )
        reload = "systemctl restart systemd-modules-load.service"
        files.append(artifact("/etc/modules-load.d/bailiwick.conf", lines, reload=reload))
    return tuple(files)


def _settings(settings: tuple[Setting, ...]) -> Iterator[tuple[Line, ...]]:
    """A paragraph for each reason."""
    by_reason = sorted(settings, key=lambda s: (s.reason, s.key))
    for reason, group in groupby(by_reason, key=lambda s: s.reason):
        lines = (Line(f"{_dash(s)}{s.key} = {s.value}", (setting_id(s),)) for s in group)
        yield (*comments(f"{reason[:1].upper()}{reason[1:]}."), *lines)


def _dash(setting: Setting) -> str:
    """A dash where the key may be missing at the time of writing: its module, or its interface, comes later."""
    parts = setting.key.split("/")
    own = parts[:1] == ["net"] and parts[2:3] == ["conf"] and parts[3] not in ("all", "default")
    return "-" if own or setting.optional else ""
