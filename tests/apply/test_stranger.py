"""A stranger's Debian 13 with ifupdown and ufw becomes the router of an example, over ssh, and goes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bailiwick.twin.scene.namespaces import run_in
from tests.apply.owner import Owner, owner
from tests.twin.contained.boxes import root_of

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.deep]

EXAMPLE = Path(__file__).parents[2] / "examples" / "one-router.yaml"
GATEWAY = "192.168.11.254"
LOOKS = {
    "units": "systemctl show --property=Id,ActiveState,UnitFileState ufw.service networking.service"
    " nftables.service systemd-networkd.service ssh.service",
    "rules": "nft -s list ruleset",
    "interfaces": "cat /etc/network/interfaces",
    "addresses": "ip -o -4 address show scope global | sed 's/ *valid_lft.*//'",
    "routes": "ip -4 route show",
}


@pytest.fixture(scope="module")
def me(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    with owner(root_of("debian-13"), tmp_path_factory.mktemp("stranger")) as one:
        one.box.run("ufw", "allow", "22/tcp")
        one.box.run("ufw", "--force", "enable")
        one.home.write_text(EXAMPLE.read_text().replace("platform: debian-12", "platform: debian-13"))
        yield one


def looks(me: Owner) -> dict[str, str]:
    return {name: me.box.run("sh", "-c", command) for name, command in LOOKS.items()}


def test_it_becomes_the_router_and_goes_back(me: Owner) -> None:
    before = looks(me)
    assert "ufw" in before["rules"]

    applied = me.run("apply", "--yes", "--auto-confirm")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert "ufw.service (enabled, running)" in applied.stdout
    assert "networking.service (enabled, running)" in applied.stdout
    asked = run_in(me.station, "busybox", "nslookup", "nas.lan", GATEWAY)
    assert "192.168.11.210" in asked
    leased = run_in(me.station, "busybox", "udhcpc", "-n", "-q", "-f", "-i", "eth0", "-s", "/bin/true", "-t", "5")
    assert "192.168.11." in leased or leased == ""

    me.box.power_cut()
    me.box.boot()
    assert me.box.run(
        "systemctl", "is-active", "bailiwick-firewall.service", "bailiwick-dnsmasq@main.service"
    ).split() == [
        "active",
        "active",
    ]
    assert me.run("status").returncode == 0
    assert me.run("drift").returncode == 0

    given = me.run("uninstall", "--yes", "--auto-confirm")
    assert given.returncode == 0, given.stdout + given.stderr
    assert looks(me) == before
