"""systemd's units, udev's rules, modules and scripts: what they start is read elsewhere, or is an unknown."""

from __future__ import annotations

import re

from bailiwick.dataplane.linux.draft import Draft, spoken
from bailiwick.dataplane.linux.ini import sections

_ASSIGN = re.compile(r'ATTR\{bridge/(vlan_filtering|default_pvid)\}="(\d+)"')
_KERNEL = re.compile(r'KERNEL=="([^"*?\[]+)"')
_TOUCHES = re.compile(
    r"\b(?:nft|ip6?tables(?:-restore)?|ip|tc|bridge|brctl|sysctl|wg|ebtables|ifconfig|route|vconfig|conntrack)\b"
)
MIRROR = "/usr/lib/bailiwick/mirror"
"""``mirror start TARGET SOURCE...`` copies the frames of the sources, both ways, to the target."""
OWN = (
    "/usr/lib/bailiwick/load-firewall",
    "/usr/lib/bailiwick/load-exits",
    "/usr/lib/bailiwick/load-bridge",
    "/usr/lib/bailiwick/preflight",
    "/usr/lib/bailiwick/define-guests",
    MIRROR,
)
"""They load ``firewall.nft``, ``exits.batch`` and guests' domains, which are read themselves, or change nothing; what
a mirror copies is in its unit."""
_DAEMONS = ("/usr/sbin/pppd call ", "/usr/sbin/dnsmasq ", "/lib/systemd/systemd-")


def read_unit(draft: Draft, file: str, text: str) -> None:
    """A unit changes a packet's fate by the commands that it runs, and by nothing else."""
    for section in sections(file, text, draft.ledger):
        for entry in section.entries:
            if not entry.key.startswith("Exec") or not entry.value:
                draft.ledger.ignored(entry.line, "when and with which rights it runs")
            elif entry.value.lstrip("-@+!:").startswith((*OWN, *_DAEMONS)):
                draft.ledger.understood()
                _mirror(draft, entry.value.lstrip("-@+!:").split())
            elif _TOUCHES.search(entry.value):
                draft.ledger.unknown(entry.line, "runs a command that may change where packets go")
            else:
                draft.ledger.ignored(entry.line, "runs a program that is not of the network's")


def _mirror(draft: Draft, words: list[str]) -> None:
    """Into the settings, as ``mirror.TARGET``: the ports whose frames are copied there."""
    if words[:2] == [MIRROR, "start"] and len(words) > 2:
        key = f"mirror.{words[2]}"
        draft.settings[key] = " ".join((*draft.settings.get(key, "").split(), *words[3:]))


def read_udev(draft: Draft, file: str, text: str) -> None:
    """``vlan_filtering`` and ``default_pvid`` of a bridge; other rules run programs or set what no packet meets.

    udev and networkd write at the same time: where they differ, what lets more pass is taken to stay.
    """
    for line, said in spoken(file, text):
        switches, name = _ASSIGN.findall(said), _KERNEL.search(said)
        others = re.findall(r"ATTR\{([^}]*)\}", said)
        if switches and name is not None and len(others) == len(switches) and "RUN" not in said:
            for setting, value in switches:
                key = f"bridge.{name[1]}.{setting}"
                tighter = value == ("1" if setting == "vlan_filtering" else "0")
                if not tighter or key not in draft.said:
                    draft.settings[key] = value
            draft.ledger.understood()
        elif "systemd-sysctl" in said and "RUN" in said:
            draft.ledger.ignored(line, "writes the settings of sysctl.d again")
        elif "RUN" in said or "NAME=" in said or "ATTR{" in said:
            draft.ledger.unknown(line, "what a device event does here is not known")
        else:
            draft.ledger.ignored(line, "changes no packet's way")


def read_modules(draft: Draft, file: str, text: str) -> None:
    """``modules-load.d``."""
    for line, _ in spoken(file, text, "#;"):
        draft.ledger.ignored(line, "loads a module of the kernel; rules and settings say what it does")


def read_daemon(draft: Draft, file: str, text: str) -> None:
    """``networkd.conf``: what networkd does to others' routes, and names of tables."""
    for section in sections(file, text, draft.ledger):
        for entry in section.entries:
            if entry.key.startswith("ManageForeign"):
                draft.ledger.ignored(entry.line, "whether others' routes survive networkd's start")
            elif entry.key in ("SpeedMeter", "SpeedMeterIntervalSec", "DUIDType", "DUIDRawData", "UseDomains"):
                draft.ledger.ignored(entry.line, "changes no packet's way")
            else:
                draft.ledger.unknown(entry.line, f"`{entry.key}` is not known here")
