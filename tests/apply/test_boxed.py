"""An owner and a stranger's Debian, over ssh: taken over, changed, locked, come back, and given back as it was."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import pytest

from bailiwick.agent.places import STATE
from bailiwick.twin.scene.namespaces import CommandFailed, run_in
from tests.apply.owner import Owner, owner
from tests.twin.contained.boxes import root_of

pytestmark = [pytest.mark.real, pytest.mark.slow]

RIVALS = ("networking.service", "ufw.service")


@pytest.fixture(scope="module")
def me(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    with owner(root_of("debian-12"), tmp_path_factory.mktemp("owner"), "192.168.11.2/24") as one:
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
    """One story, as each part begins where the one before ended. The device is ``gate`` at first, then ``new``."""
    before = states(me), me.box.run("nft", "list", "ruleset"), me.box.read("/etc/network/interfaces")
    old, new = "192.168.11.2", "192.168.11.254"

    dry = me.run("apply", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "networking.service (enabled, running)" in dry.stdout
    assert f"You came by {old}, which goes." in dry.stdout
    assert "Newly denied" in dry.stdout
    assert me.run("status").stdout.endswith("no generation of ours is confirmed.\n")

    applied = me.run("apply", "--yes", "--auto-confirm")
    assert applied.returncode == 1, applied.stdout + applied.stderr
    assert "which goes once this is confirmed" in applied.stderr
    assert open_to(me.station, old)
    confirmed = me.run("confirm", to="new")
    assert (confirmed.returncode, confirmed.stdout) == (0, "router: generation 1 is confirmed.\n"), confirmed.stderr
    assert me.box.run("systemctl", "is-active", "bailiwick-firewall.service").strip() == "active"
    assert open_to(me.station, new)
    assert not open_to(me.station, old)
    (lease,) = json.loads(me.box.run("ip", "-4", "-j", "address", "show", "dev", "wan0"))[0]["addr_info"]
    assert not open_to(me.isp, lease["local"])

    kept = files(me)
    again = me.run("apply", "--yes", to="new")
    assert (again.returncode, again.stdout) == (0, "router is as the home file says (generation 1): nothing to do.\n")
    assert kept == files(me)

    me.write("lan -> router: ssh, icmp", "lan -> router: icmp")
    locked = me.run("apply", "--yes", "--confirm-timeout", "10", to="new")
    assert "do not let in a connection like yours" in locked.stdout
    assert locked.returncode == 1, locked.stdout + locked.stderr
    assert "nobody confirmed it in time" in locked.stderr
    assert open_to(me.station, new)
    assert me.run("drift", to="new").returncode == 0

    me.box.run("nft", "insert", "rule", "inet", "bailiwick", "forward", "accept")
    me.write()
    drifted = me.run("uninstall", "--yes", to="new")
    assert drifted.returncode == 1
    assert "bailiwick forward" in drifted.stdout

    given = me.start("uninstall", "--yes", "--take-over", to="new")
    until(lambda: me.run("confirm").returncode == 0)
    given.kill()
    given.communicate()
    assert (states(me), me.box.run("nft", "list", "ruleset"), me.box.read("/etc/network/interfaces")) == before
    destroyed = me.run("uninstall", "--destroy", "--yes")
    assert destroyed.returncode == 0, destroyed.stderr
    assert not me.box.run("sh", "-c", f"ls -d /etc/systemd/system/bailiwick* /etc/bailiwick {STATE}/* || true")
    assert open_to(me.station, old)


def until(holds: Callable[[], bool]) -> None:
    for _ in range(60):
        if holds():
            return
        time.sleep(1)
    raise AssertionError("it never came to be so")
