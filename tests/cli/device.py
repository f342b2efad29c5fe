"""A device at the end of an ssh that is a script, and what one says of itself."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from bailiwick.apply.generations import Packed, pack
from bailiwick.workflow.checking import check
from tests.apply.stub import Stub

LINKS = [
    {"name": name, "mac": f"02:00:00:00:00:0{number}", "kind": "", "up": True, "addresses": [], "default": False}
    for number, name in enumerate(("eth0", "eth1"), 1)
]
FACTS = {
    "system": {"id": "debian", "version": "13", "name": "Debian"},
    "systemd": True,
    "links": LINKS,
    "installed": {
        "systemd-networkd.service": ["disabled", False],
        "ufw.service": ["enabled", True],
        "dnsmasq.service": ["masked", False],
    },
    "confirmed": 0,
    "generation": None,
    "window": None,
    "drift": {"digest": "ab", "differences": []},
}
WAITING = {"old": 0, "new": 1, "phase": "waiting", "left": 90.0, "owner": "her@there", "reason": ""}
DRIFT = {"what": "/etc/resolv.conf", "ours": True, "text": "/etc/resolv.conf was changed by hand."}
HISTORY = {
    "entries": [
        {"when": "1", "what": "confirmed", "generation": 1, "before": 0},
        {"when": "2", "what": "confirmed", "generation": 2, "before": 1},
        {"when": "3", "what": "returned", "generation": 3, "before": 2},
    ],
    "generations": [{"number": 1, "made": "1", "files": 2, "source": "ab", "confirmed": False, "whole": False}],
}


class Device(Stub):
    """A device at the end of an ssh that is no ssh."""

    def with_generation(self, packed: Packed, *drift: dict[str, Any]) -> None:
        generation = replace(packed.generation, number=1)
        differs = {"digest": "ab", "differences": list(drift)}
        self.says("facts", {**FACTS, "confirmed": 1, "generation": asdict(generation), "drift": differs})
        self.says("show", {"generation": asdict(generation), "contents": dict(packed.encoded)})

    def commands(self) -> list[str]:
        return [one["command"] for one in self.log]


def packed(home: Path) -> Packed:
    checked = check(home, date.today())
    return pack(checked.trees[0], checked.read.network.router.platform, {})
