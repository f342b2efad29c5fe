"""How the device looks, by the machine's own tools and not by what is tried here."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

RECORD = Path("/var/lib/bailiwick/window.json")
LOOKS = {
    "rules": "nft -s list ruleset | sed '/^table inet bailiwick_ended/,/^}/d'",
    "addresses": "ip -o -4 address show scope global | sed 's/^[0-9]*: //; s/valid_lft.*//'",
    "links": "ip -o link show | sed 's/^[0-9]*: //; s/qlen.*//'",
    "routes": "ip -4 route show table all | sort",
    "policy routing": "ip -4 rule show",
    "files": "find /etc/systemd /etc/bailiwick /etc/sysctl.d /usr/lib/bailiwick /etc/resolv.conf -type f -o -type l"
    " | sort | xargs sha256sum",
    "units": "systemctl list-units --type=service --state=active --plain --no-legend | cut -d' ' -f1 | grep -v user"
    " | grep -v 'ssh@\\|session\\|bailiwick-deadman\\|bailiwick-switch\\|run-'",
}


def looks() -> dict[str, str]:
    found = {}
    for name, command in LOOKS.items():
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
        found[name] = done.stdout
    return found


def differences(before: dict[str, str], after: dict[str, str]) -> tuple[str, ...]:
    """In sentences, by what is looked at."""
    return tuple(f"{name}: {_changed(before[name], after[name])}" for name in before if before[name] != after[name])


def _changed(before: str, after: str) -> str:
    old, new = set(before.splitlines()), set(after.splitlines())
    gone, come = sorted(old - new), sorted(new - old)
    return "; ".join([*(f"-{line.strip()}" for line in gone[:6]), *(f"+{line.strip()}" for line in come[:6])])


def waits() -> bool:
    """Whether a generation stands, and its owner's word is awaited."""
    try:
        return "waiting" in RECORD.read_text()
    except FileNotFoundError:
        return False


def last() -> str:
    """The last line of what was done."""
    path = Path("/var/lib/bailiwick/history.jsonl")
    lines = path.read_text().splitlines() if path.exists() else []
    return json.dumps(json.loads(lines[-1])) if lines else ""
