"""A tunnel's files as networkd itself reads them, with the kernel's word on making it left aside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bailiwick.language import loads
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.linux import router
from tests.cases.golden import TODAY, Case
from tests.targets.linux.private_stage import on_stage

HOME = Path(__file__).parents[2] / "cases/linux/wireguard.md"
KEY = "/etc/bailiwick/wireguard/wg-ivpn.key"
SHARED = "/etc/bailiwick/wireguard/wg-ivpn.preshared.key"
NETDEV = "/etc/systemd/network/10-bailiwick-wg-ivpn.netdev"
OURS = "kM4iQ1H2kB2o5c8b8uS1oQ3o7Q0l2n4p6r8t0v2x4z8="
BOTH = "pNJoaAF8DM/+Lv5QlE70IRg0ZgzKg0xun4bexqiCRvo="
SCRIPT = """
chown {owner} {key} {shared}
SYSTEMD_LOG_LEVEL=debug networkd
wait_for 15 grep -qE "wg-ivpn: (Creating|Failed to read)" /run/networkd.log
grep wg-ivpn /run/networkd.log
"""


def artifacts() -> tuple[Artifact, ...]:
    tree = router(make_plan(resolve(loads(Case.read(HOME).files), TODAY).network))
    return tree.file(NETDEV), tree.file(KEY), tree.file(SHARED)


def complaints(root: Path, old: str, new: str, owner: str) -> list[str]:
    """What networkd says against the three files, one text in them in another's place."""
    keys = {"@SECRET:ivpn@": OURS, "@SECRET:ivpn-shared@": BOTH}
    files = [replace(file, text=keys.get(file.text.strip(), file.text).replace(old, new)) for file in artifacts()]
    done = on_stage(files, root, SCRIPT.format(owner=owner, key=KEY, shared=SHARED))
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if any(word in line for word in ("Failed", "gnoring", "nknown"))]


@pytest.mark.real
def test_networkd_takes_the_files(tmp_path: Path) -> None:
    assert complaints(tmp_path, "", "", artifacts()[1].owner) == []


@pytest.mark.real
@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("PublicKey=U", "PublicKey=?", "Failed to decode wireguard key"),
        ("Endpoint=de1.vpn.example:51820", "Endpoint=de1.vpn.example", "find port of endpoint"),
        ("RouteTable=off", "RouteTable=nowhere", "RouteTable"),
        (OURS, OURS[4:], "private key"),
        (BOTH, BOTH[4:], "preshared key"),
    ],
)
def test_networkd_would_say_so(tmp_path: Path, old: str, new: str, word: str) -> None:
    found = complaints(tmp_path, old, new, artifacts()[1].owner)
    assert [line for line in found if word in line], found


@pytest.mark.real
def test_networkd_reads_no_key_of_roots_alone(tmp_path: Path) -> None:
    found = complaints(tmp_path, "", "", "root:root")
    assert [line for line in found if "Failed to read private key" in line and "Permission denied" in line], found
