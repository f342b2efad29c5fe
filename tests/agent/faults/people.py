"""People and other programs: two who apply at once, words that come late or wrong, and hands in the rules meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from bailiwick.apply.protocol import Refusal
from bailiwick.twin.scene.namespaces import CommandFailed, within
from bailiwick.twin.stages.namespaces import StageError
from tests.agent.faults import homes
from tests.agent.faults.fault import Fault, goes_on, is_silent
from tests.agent.faults.killing import ONLY_NEW, ONLY_OLD, Strike
from tests.agent.faults.moments import SWITCH
from tests.agent.faults.owner import LOST, TOKEN, Owner
from tests.agent.faults.services import run
from tests.agent.faults.world import World


def refused(world: World) -> None:
    """Somebody else applies something else. Raises RuntimeError unless they are refused."""
    other = Owner(world)
    try:
        other.begin(other.stage(homes.following()))
    except Refusal as refusal:
        if refusal.kind not in ("window-open", "locked"):
            raise RuntimeError(f"the second is refused as {refusal.kind}: {refusal}") from refusal
        return
    raise RuntimeError("two applies were begun at once")


def another(world: World) -> None:
    """While whatever is at the first stands still."""
    words = ("begin",), ("agent/current", "switch"), ("agent/current", "deadman")
    still = [one for word in words for one in world.processes(*word)]
    for one in still:
        os.kill(one, signal.SIGSTOP)
    world.box.thaw()
    try:
        refused(world)
    finally:
        for one in still:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)


def is_not_alone(owner: Owner, number: int) -> None:
    owner.waited()
    refused(owner.world)
    owner.confirm()


def confirms_twice(owner: Owner, number: int) -> None:
    goes_on(owner, number)
    if owner.confirm():
        raise RuntimeError("the second word was taken as well")


def confirms_wrongly(owner: Owner, number: int) -> None:
    owner.waited()
    if owner.confirm("another word"):
        raise RuntimeError("a wrong word was taken")


def confirms_late(owner: Owner, number: int) -> None:
    window = owner.waited()
    assert window is not None
    time.sleep(float(window["left"]) + 0.5)
    if owner.confirm():
        raise RuntimeError("a late word was taken")


def confirms_at(before: float) -> Callable[[Owner, int], None]:
    """The word comes so many seconds before the deadline; whoever wins, it is whole."""

    def confirms(owner: Owner, number: int) -> None:
        window = owner.waited()
        assert window is not None
        time.sleep(max(0.0, float(window["left"]) - before))
        with suppress(*LOST):
            owner.confirm()

    return confirms


def confirms_by_the_old_connection(owner: Owner, number: int) -> None:
    """A shell that was open before anything began, and lives on as its connection is established."""
    assert OLD_SHELLS
    shell = OLD_SHELLS.pop()
    owner.waited()
    agent = "python3 -I /var/lib/bailiwick/agent/current confirm"
    command = f'echo \'{{"token": "{TOKEN}"}}\' | {agent}; exit\n'
    said, _ = shell.communicate(command.encode(), timeout=30)
    if b'"confirmed"' in said:
        raise RuntimeError("the word was taken from a connection that is older than the new rules")


OLD_SHELLS: list[subprocess.Popen[bytes]] = []


def open_shell(world: World) -> None:
    with within(world.admin.netns):
        shell = subprocess.Popen(
            ["ssh", "-F", str(world.ssh), "-T", "gate", "sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
    assert shell.stdin is not None
    shell.stdin.write(b"true\n")
    shell.stdin.flush()
    time.sleep(1.5)
    OLD_SHELLS.append(shell)


def extends(owner: Owner, number: int) -> None:
    window = owner.waited()
    assert window is not None
    owner.ask("extend", {"patience": 15.0})
    time.sleep(float(window["left"]) + 0.5)
    if not owner.confirm():
        raise RuntimeError("the window was extended, and closed all the same")


def cut_for(seconds: float) -> Strike:
    """The management cable is drawn, and put in again."""

    def strike(world: World) -> None:
        world.box.wall.carrier("eth2", False)

        def again() -> None:
            time.sleep(seconds)
            world.box.wall.carrier("eth2", True)

        threading.Thread(target=again, daemon=True).start()

    return strike


FOREIGN = (
    "table ip docker_like { chain forward { type filter hook forward priority 0; policy accept; "
    'oifname "docker0" accept; }; chain nat { type nat hook postrouting priority 100; '
    "ip saddr 172.17.0.0/16 masquerade; }; }"
)


def gone_foreign(world: World) -> None:
    with suppress(StageError, CommandFailed):  # the box may be off, or the table gone
        world.box.run("nft", "delete table ip docker_like")


FAULTS = (
    Fault(
        "two-at-once",
        "F21",
        "somebody else applies at the same time",
        another,
        ("snapshot", "arm", "write files", "settle"),
        ends=ONLY_NEW,
        patience=15.0,
    ),
    Fault(
        "two-at-wait",
        "F21",
        "somebody else applies while the owner's word is awaited",
        moments=("wait",),
        owner=is_not_alone,
        ends=ONLY_NEW,
        patience=15.0,
    ),
    Fault(
        "two-at-return",
        "F21",
        "somebody else applies on the way back",
        another,
        ("return",),
        owner=is_silent,
        ends=ONLY_OLD,
    ),
    Fault("confirm-twice", "F22", "the owner confirms twice", moments=("wait",), owner=confirms_twice, ends=ONLY_NEW),
    Fault(
        "confirm-wrong", "F22", "the owner gives a wrong word", moments=("wait",), owner=confirms_wrongly, ends=ONLY_OLD
    ),
    Fault(
        "confirm-late",
        "F22",
        "the owner's word comes after the deadline",
        moments=("wait",),
        owner=confirms_late,
        ends=ONLY_OLD,
    ),
    Fault(
        "confirm-old",
        "F22",
        "the owner confirms in a shell from before",
        moments=("wait",),
        before=open_shell,
        owner=confirms_by_the_old_connection,
        ends=ONLY_OLD,
    ),
    *(
        Fault(
            f"confirm-race-{n}",
            "F21",
            f"the owner's word comes {text} the deadline",
            moments=("wait",),
            owner=confirms_at(seconds),
        )
        for n, (seconds, text) in enumerate(
            [(2.4, "well before"), (1.8, "before"), (1.4, "just before"), (1.0, "at"), (0.3, "just after")]
        )
    ),
    Fault(
        "extend", "", "the owner asks for more time, and confirms then", moments=("wait",), owner=extends, ends=ONLY_NEW
    ),
    Fault(
        "cut",
        "F04",
        "the management cable is drawn for two seconds",
        cut_for(2),
        ("arm", *SWITCH[1:], "wait"),
        patience=15.0,
    ),
    Fault(
        "flush",
        "F25",
        "another program flushes the rules",
        run("nft", "flush", "ruleset"),
        ("write files", "networkd", "wait"),
        owner=is_silent,
        ends=ONLY_OLD,
        wider=True,
        frozen=False,
    ),
    Fault(
        "rule-added",
        "F24",
        "somebody adds a rule by hand",
        run("nft", "add rule inet bailiwick input tcp dport 9999 accept"),
        ("networkd", "wait"),
        owner=is_silent,
        ends=ONLY_OLD,
        frozen=False,
    ),
    Fault(
        "address-added",
        "F24",
        "somebody adds an address by hand",
        run("ip", "address", "add", "192.168.40.77/24", "dev", "eth1"),
        ("networkd", "wait"),
        owner=is_silent,
        ends=ONLY_OLD,
        frozen=False,
    ),
    Fault(
        "setting-changed",
        "F24",
        "somebody changes a setting of the kernel",
        run("sysctl", "-w", "net.ipv4.ip_forward=0"),
        ("networkd", "wait"),
        owner=is_silent,
        ends=ONLY_OLD,
        frozen=False,
    ),
    Fault(
        "file-edited",
        "F24",
        "somebody edits a file of ours",
        run("sh", "-c", "echo >>/etc/bailiwick/dnsmasq/main.conf"),
        ("networkd", "wait"),
        owner=is_silent,
        ends=ONLY_OLD,
        frozen=False,
    ),
    Fault(
        "taken-over",
        "F24",
        "a rule was added by hand before, that is taken over, and the owner says nothing",
        moments=("wait",),
        before=run("nft", "add rule inet bailiwick input tcp dport 9999 accept"),
        owner=is_silent,
        ends=ONLY_OLD,
    ),
    Fault(
        "docker",
        "F26",
        "Docker's tables appear",
        run("nft", FOREIGN),
        ("guard", "networkd", "wait"),
        frozen=False,
        after=gone_foreign,
    ),
    Fault(
        "wan-gone",
        "F27",
        "the WAN card loses its carrier",
        lambda world: world.box.wall.carrier("eth0", False),
        ("firewall", "wait"),
        after=lambda world: world.box.wall.carrier("eth0", True),
        passes=True,
    ),
    Fault(
        "new-card-gone",
        "F27",
        "the card that is new has no carrier",
        before=lambda world: world.box.wall.carrier("eth3", False),
        moments=("begin switch",),
        after=lambda world: world.box.wall.carrier("eth3", True),
        passes=True,
    ),
)
