"""A small home for tests: whole sections are replaced, the others stand."""

from __future__ import annotations

from datetime import date

from bailiwick.language import Problems, loads
from bailiwick.network.model import Network, Party, Permission
from bailiwick.network.resolve import Resolution, resolve

TODAY = date(2026, 6, 1)

SECTIONS = {
    "uplinks": "  wan: {interface: gate/eth0, address: dhcp, modem: 192.168.1.1}",
    "zones": "  lan: {subnet: 192.168.40.0/24, vlan: 40}\n  iot: {subnet: 192.168.50.0/24, vlan: 50}",
    "hosts": (
        "  gate: {router: linux, ports: {eth1: lan, eth2: iot}}\n"
        "  nas: {zone: lan, address: .10}\n"
        "  tv: {zone: iot, address: .20}"
    ),
    "policy": "  - lan -> router: ssh",
    "dns": "  upstreams: [9.9.9.9]",
}


def text(**sections: str | None) -> str:
    """Section names with underscores for hyphens; None leaves a section out."""
    merged = {**SECTIONS, **{name.replace("_", "-"): body for name, body in sections.items()}}
    return "name: small\n" + "".join(f"{name}:\n{body}\n" for name, body in merged.items() if body is not None)


def resolved(**sections: str | None) -> Resolution:
    return resolve(loads({"home.yaml": text(**sections)}), TODAY)


def network(**sections: str | None) -> Network:
    return resolved(**sections).network


def codes(**sections: str | None) -> list[str]:
    """The codes of every error, or of every warning when there is none."""
    try:
        return [diagnostic.code for diagnostic in resolved(**sections).warnings]
    except Problems as problems:
        return [diagnostic.code for diagnostic in problems.diagnostics]


def sentence(line: str, **sections: str | None) -> Permission:
    """The permission of one sentence in the policy."""
    found = network(**{"policy": f"  - lan -> router: ssh\n  - {line}", **sections}).policy
    return found[-1]


def places(party: Party) -> dict[str, int]:
    """How many addresses a party has in each place."""
    return {extent.place: extent.addresses.size() for extent in party.extents}
