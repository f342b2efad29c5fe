"""The example on each page of this room's codes brings about what the page is about."""

from __future__ import annotations

import re

import pytest

from bailiwick.language.codes import explain
from tests.language.test_codes import codes_raised
from tests.network.small import codes

BASE = {
    "uplinks": {
        "wan": "{interface: gate/eth0, address: dhcp}",
        "lte": "{interface: gate/eth8, address: dhcp}",
        "vpn": "{interface: gate/tun0, tunnel: {address: 172.24.0.6/32}}",
    },
    "zones": {
        "lan": "{subnet: 192.168.40.0/24}",
        "iot": "{subnet: 192.168.50.0/24}",
        "guest": "{subnet: 192.168.60.0/24}",
    },
    "hosts": {
        "gate": "{router: linux, ports: {eth1: lan, eth2: iot, eth3: guest}}",
        "nas": "{zone: lan, address: .10}",
        "tv": "{zone: iot, address: .20}",
    },
}
FRAGMENT = re.compile(r"```yaml home\.yaml\n(.*?)```", re.DOTALL)


def sections(code: str) -> dict[str, str]:
    """The page's sections; zones and hosts that it does not mention stand beside its own."""
    fragment = FRAGMENT.search(explain(code))
    assert fragment, "a page has an example"
    found: dict[str, list[str]] = {}
    for line in fragment[1].splitlines():
        if not line.startswith(" "):
            section, _, value = line.partition(":")
            lines = found.setdefault(section, [f"  {value.strip()}"] if value.strip() else [])
        else:
            lines.append(line)
    for section, entries in BASE.items():
        written = {line.split(":")[0].strip() for line in found.get(section, [])}
        if not written or (section != "uplinks" and code != "router-missing"):
            kept = [f"  {name}: {entry}" for name, entry in entries.items() if name not in written]
            found[section] = [*kept, *found.get(section, [])]
    return {section.replace("-", "_"): "\n".join(lines) for section, lines in found.items()}


@pytest.mark.parametrize("code", sorted(set(codes_raised("network"))))
def test_the_example_is_of_the_code(code: str) -> None:
    assert code in codes(**sections(code))
