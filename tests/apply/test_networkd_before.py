"""A machine that networkd ran before, with a bridge: taken over, nobody confirms, and all of it is as it was."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.apply.owner import HOME, Owner, owner
from tests.twin.contained.boxes import root_of

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.deep]

FILES = {
    "20-br0.netdev": "[NetDev]\nName=br0\nKind=bridge\n[Bridge]\nForwardDelaySec=0\n",
    "20-br0.network": "[Match]\nName=br0\n[Network]\nAddress=192.168.11.254/24\n",
    "20-port.network": "[Match]\nName=eth0\n[Network]\nBridge=br0\n",
}
LOOKS = (
    "ip -o -4 address show scope global | sed 's/ *valid_lft.*//'",
    'for one in /sys/class/net/*; do echo "${one##*/} $(cat $one/operstate) $(readlink $one/master)"; done',
    "ip -4 route show",
    "nft -s list ruleset",
)
BACK = 120


@pytest.fixture(scope="module")
def me(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    with owner(root_of("debian-12"), tmp_path_factory.mktemp("networkd"), networkd=FILES) as one:
        static = HOME.replace("address: dhcp, modem: 192.168.1.1", "address: 81.2.69.10/29, gateway: 81.2.69.9")
        one.home.write_text(static)
        yield one


def test_a_port_of_a_bridge_and_a_card_that_was_down(me: Owner) -> None:
    """The card of the uplink is put down again, without the address; the port leaves the bridge and comes back."""
    before = [me.box.run("sh", "-c", look) for look in LOOKS]
    assert "br0" in before[0]

    applied = me.run("apply", "--yes", "--confirm-timeout", "10")
    assert "eth0 is no port of br0 any more" in applied.stderr, applied.stderr
    until = time.monotonic() + BACK
    while "confirmed in time" not in (said := me.run("status").stdout) and time.monotonic() < until:
        time.sleep(2)

    assert "generation 0 is back: nobody confirmed it in time" in said, said
    assert [me.box.run("sh", "-c", look) for look in LOOKS] == before
