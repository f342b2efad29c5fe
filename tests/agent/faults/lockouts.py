"""Generations that lock their owner out: nobody can confirm them."""

from __future__ import annotations

from dataclasses import replace

from tests.agent.faults import homes
from tests.agent.faults.fault import Fault, is_silent
from tests.agent.faults.homes import Wanted
from tests.agent.faults.killing import ONLY_OLD
from tests.agent.faults.owner import LOST, Owner
from tests.agent.faults.services import edited, run

MGMT = "/etc/systemd/network/10-bailiwick-eth2.network"
FIREWALL = "/etc/bailiwick/firewall.nft"


def tries(owner: Owner, number: int) -> None:
    """The owner would confirm, and does not get through."""
    try:
        window = owner.waited(8.0)
    except TimeoutError:
        return
    if window is not None and window["phase"] == "waiting":
        try:
            confirmed = owner.confirm()
        except LOST:
            return
        if confirmed:
            raise RuntimeError("the owner got through")


def management_closed() -> Wanted:
    return homes.made(
        "closed", homes.NEW.replace("  - mgmt -> router: ssh, icmp\n", ""), homes.new().open, "192.168.40.254"
    )


def management_moved() -> Wanted:
    text = homes.NEW.replace("192.168.10.0/24", "192.168.99.0/24")
    return homes.made("moved", text, homes.new().open, "192.168.40.254")


def ssh_off() -> Wanted:
    wanted = homes.new()
    generation = wanted.packed.generation
    off = replace(generation, disable=(*generation.disable, "ssh.service"))
    return replace(wanted, packed=replace(wanted.packed, generation=off))


def resolver_gone() -> Wanted:
    return homes.new().changed("resolver gone", "/etc/resolv.conf", lambda text: "nameserver 192.0.2.1\n")


def drops_all(text: str) -> str:
    head, chain, rest = text.partition("chain input {")
    lines = rest.split("\n")
    at = next(n for n, line in enumerate(lines) if "type filter" in line) + 1
    return head + chain + "\n".join([*lines[:at], "\t\tdrop", *lines[at:]])


FAULTS: tuple[Fault, ...] = (
    Fault(
        "management-closed",
        "F29",
        "the new rules close management",
        wanted=management_closed,
        owner=tries,
        ends=ONLY_OLD,
        moments=("wait",),
    ),
    Fault(
        "management-moved",
        "F29",
        "management moves to a subnet in which its owner is not",
        wanted=management_moved,
        owner=is_silent,
        ends=ONLY_OLD,
        moments=("wait",),
    ),
    Fault(
        "drops-all",
        "F29",
        "the new rules drop everything",
        wanted=lambda: homes.new().changed("drops all", FIREWALL, drops_all),
        owner=tries,
        ends=ONLY_OLD,
    ),
    Fault(
        "no-address",
        "F29",
        "the management port has no address any more",
        owner=tries,
        ends=ONLY_OLD,
        wanted=edited("no address", MGMT, "Address=192.168.10.1/24", "Address=192.168.77.1/24"),
    ),
    Fault("ssh-off", "F29", "the new generation stops sshd", wanted=ssh_off, owner=tries, ends=ONLY_OLD),
    Fault(
        "sshd-stopped",
        "F29",
        "sshd is stopped by hand, and nobody starts it",
        run("systemctl", "stop", "ssh"),
        ("networkd", "wait"),
        owner=tries,
        ends=ONLY_OLD,
        frozen=False,
    ),
    Fault(
        "stranger-drops",
        "F29",
        "a table of nobody's appears, and drops everything",
        run("nft", "table inet evil { chain c { type filter hook input priority -10; policy drop; }; }"),
        ("networkd", "wait"),
        owner=tries,
        ends=ONLY_OLD,
        frozen=False,
    ),
    Fault(
        "route-gone",
        "F29",
        "somebody takes the way to the owner away, and gives it back later",
        run("ip", "route", "replace", "blackhole", "192.168.10.2/32"),
        ("wait",),
        owner=tries,
        ends=ONLY_OLD,
        frozen=False,
        after=run("ip", "route", "delete", "blackhole", "192.168.10.2/32"),
        passes=True,
    ),
    Fault("resolver-gone", "F29", "the router itself has no resolver any more", wanted=resolver_gone),
)
