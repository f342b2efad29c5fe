"""Services that do not start, do not last or do not listen, and rules that do not load."""

from __future__ import annotations

from collections.abc import Callable

from tests.agent.faults import homes
from tests.agent.faults.disks import replaced, returned
from tests.agent.faults.fault import Fault, nothing
from tests.agent.faults.homes import Wanted
from tests.agent.faults.killing import KILL, ONLY_NEW, ONLY_OLD, STOP, Strike, signalled
from tests.agent.faults.world import World

FIREWALL = "/etc/bailiwick/firewall.nft"
UNIT = "/etc/systemd/system/bailiwick-dnsmasq@.service"
DNSMASQ = "/etc/bailiwick/dnsmasq/main.conf"
NETWORK = "/etc/systemd/network/10-bailiwick-eth3.network"


def edited(name: str, path: str, old: str, new: str, probed: bool = False) -> Callable[[], Wanted]:
    def wanted() -> Wanted:
        one = homes.new().changed(name, path, lambda text: text.replace(old, new))
        return one.probed() if probed else one

    return wanted


def appended(name: str, path: str, more: str) -> Callable[[], Wanted]:
    return lambda: homes.new().changed(name, path, lambda text: text + more)


def many(count: int) -> Callable[[], Wanted]:
    """A set of so many addresses stands in the rules."""

    def wanted() -> Wanted:
        members = ", ".join(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(0, 2 * count, 2))
        more = f"table inet bailiwick {{\n\tset many {{ type ipv4_addr; elements = {{ {members} }} }}\n}}\n"
        return homes.new().changed(f"{count} elements", FIREWALL, lambda text: text + more)

    return wanted


def run(*command: str) -> Strike:
    def strike(world: World) -> None:
        world.box.run(*command)

    return strike


def killed_tool(world: World) -> None:
    """As the kernel does when memory runs out: whatever the switch runs just then, and it itself."""
    signalled(KILL, "agent/current", "switch")(world)


DEAF = '#!/bin/sh\n[ "$1" = reload ] && exit 0\nexec /usr/bin/networkctl.kept "$@"\n'
SLOW = '#!/bin/sh\nsleep 2\nexec /usr/sbin/nft.kept "$@"\n'
LOOP = "[Unit]\nAfter=multi-user.target\nBefore=systemd-networkd.service\n"

LATER = "\ndestroy table inet never\n"
"""A command of nft 1.0.7 (its release notes); a kernel of any age takes the rest."""

FAULTS = (
    Fault(
        "syntax",
        "F12",
        "the new rules do not load",
        ends=ONLY_OLD,
        wanted=appended("syntax", FIREWALL, "\ntable inet bailiwick { chain oops { nonsense } }\n"),
    ),
    Fault(
        "no-start",
        "F12",
        "a service of the new generation does not start",
        ends=ONLY_OLD,
        wanted=appended("no-start", DNSMASQ, "\nno-such-option\n"),
    ),
    Fault(
        "absent",
        "F12",
        "a service of the new generation asks for an interface that is not there",
        wanted=edited("absent", DNSMASQ, "interface=eth3", "interface=eth9"),
    ),
    Fault(
        "dies",
        "F13",
        "a service dies three seconds after it started",
        ends=ONLY_OLD,
        wanted=edited("dies", UNIT, "ExecStart=", "ExecStart=/usr/bin/timeout 3 ", probed=True),
    ),
    Fault("dies-later", "F13", "a service dies as the owner is to confirm", signalled(KILL, "dnsmasq"), ("wait",)),
    Fault(
        "deaf",
        "F14",
        "networkd does not read its files again, and says that it did",
        nothing,
        ("begin switch",),
        before=replaced("/usr/bin/networkctl", DEAF),
        after=returned("/usr/bin/networkctl"),
        ends=ONLY_OLD,
        wanted=lambda: homes.new().probed(),
    ),
    Fault(
        "loop",
        "F16",
        "units of the new generation wait for each other",
        ends=frozenset({"old", "new"}),
        wanted=edited("loop", UNIT, "[Unit]\n", LOOP),
    ),
    Fault(
        "slow-nft",
        "F31",
        "every nft takes two seconds more",
        nothing,
        ("begin switch",),
        before=replaced("/usr/sbin/nft", SLOW),
        after=returned("/usr/sbin/nft"),
    ),
    Fault("many", "F31", "the new rules have a set of 100,000 elements", wanted=many(100_000), ends=ONLY_NEW),
    Fault(
        "oom",
        "F32",
        "memory runs out, and the kernel ends the switch",
        killed_tool,
        ("write files", "networkd"),
        ends=ONLY_OLD,
    ),
    Fault(
        "lacking",
        "F33",
        "the new rules ask for what the kernel lacks",
        ends=ONLY_OLD,
        wanted=appended(
            "lacking",
            FIREWALL,
            "\ntable inet bailiwick { flowtable f { hook ingress priority 0; devices = { eth0 }; } }\n",
        ),
    ),
    Fault(
        "older-nft",
        "F34",
        "the new rules are of a later nft than the device has, and its own is asked",
        nothing,
        ("pre-flight",),
        ends=ONLY_OLD,
        refused=True,
        asks=True,
        wanted=appended("older-nft", FIREWALL, LATER),
    ),
    Fault(
        "older-dnsmasq",
        "F34",
        "a service knows an option not yet, and is asked",
        nothing,
        ("pre-flight",),
        ends=ONLY_OLD,
        refused=True,
        asks=True,
        wanted=appended("older-dnsmasq", DNSMASQ, "\nno-such-option\n"),
    ),
    Fault(
        "journal",
        "F37",
        "the journal stands still",
        signalled(STOP, "systemd-journald"),
        ("lock", "write files", "wait"),
        after=run("systemctl", "kill", "-s", "CONT", "systemd-journald"),
    ),
    Fault(
        "networkd-dies",
        "F15",
        "networkd is killed",
        signalled(KILL, "systemd-networkd"),
        ("write files", "networkd", "wait"),
        ends=frozenset({"old", "new"}),
    ),
)
