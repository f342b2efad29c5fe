"""An owner and a stranger's Debian, over ssh: taken over, changed, locked, come back, and given back as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from bailiwick.agent.places import STATE
from bailiwick.twin.scene.namespaces import CommandFailed, run_in
from tests.apply.owner import Owner, owner
from tests.twin.contained.boxes import root_of

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.xdist_group("twin")]

RIVALS = ("networking.service", "ufw.service")


@pytest.fixture(scope="module")
def me(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    with owner(root_of("debian-12"), tmp_path_factory.mktemp("owner")) as one:
        yield one


def open_to(netns: str, address: str) -> bool:
    """Whether the router's ssh answers there."""
    try:
        run_in(netns, "busybox", "nc", "-w", "2", address, "22", text="")
    except CommandFailed:
        return False
    return True


def states(me: Owner) -> str:
    return me.box.run("systemctl", "show", "--property=ActiveState,UnitFileState", *RIVALS)


def files(me: Owner) -> str:
    """Every file that could have been touched, when it was changed and which it is; the agent's own program aside."""
    look = ("find", "/etc", "/usr/lib/bailiwick", STATE, "-path", f"{STATE}/agent", "-prune", "-o")
    return "".join(sorted(me.box.run(*look, "-printf", "%p %C@ %i\\n").splitlines(keepends=True)))


def test_the_whole_way(me: Owner) -> None:
    """One story, as each part begins where the one before ended."""
    before = states(me), me.box.run("nft", "list", "ruleset"), me.box.read("/etc/network/interfaces")

    dry = me.run("apply", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "networking.service (enabled, running)" in dry.stdout
    assert "Newly denied" in dry.stdout
    assert me.run("status").stdout.endswith("no generation of ours is confirmed.\n")

    applied = me.run("apply", "--yes", "--auto-confirm")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert "generation 1 is confirmed" in applied.stdout
    assert me.box.run("systemctl", "is-active", "bailiwick-firewall.service").strip() == "active"
    assert open_to(me.station, "192.168.11.254")
    (lease,) = json.loads(me.box.run("ip", "-4", "-j", "address", "show", "dev", "wan0"))[0]["addr_info"]
    assert not open_to(me.isp, lease["local"])

    kept = files(me)
    again = me.run("apply", "--yes")
    assert (again.returncode, again.stdout) == (
        0,
        "router is as the home file says (generation 1): nothing to do.\n",
    )
    assert kept == files(me)

    me.write("lan -> router: ssh, icmp", "lan -> router: icmp")
    locked = me.run("apply", "--yes", "--confirm-timeout", "10")
    assert "do not let in a connection like yours" in locked.stdout
    assert locked.returncode == 1, locked.stdout + locked.stderr
    assert "nobody confirmed it in time" in locked.stderr
    assert open_to(me.station, "192.168.11.254")
    assert me.run("drift").returncode == 0

    me.box.run("nft", "insert", "rule", "inet", "bailiwick", "forward", "accept")
    me.write()
    drifted = me.run("uninstall", "--yes")
    assert drifted.returncode == 1
    assert "bailiwick forward" in drifted.stdout

    given = me.run("uninstall", "--yes", "--take-over", "--auto-confirm", "--destroy")
    assert given.returncode == 0, given.stdout + given.stderr
    assert (states(me), me.box.run("nft", "list", "ruleset"), me.box.read("/etc/network/interfaces")) == before
    assert not me.box.run("sh", "-c", "ls /etc/systemd/system/bailiwick* /etc/bailiwick 2>/dev/null || true")
    assert open_to(me.station, "192.168.11.254")
