"""What the machine must have before the files are installed, and the script that looks for it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources

from bailiwick.plan.guests import GuestMachine
from bailiwick.plan.switching import VlanBridge
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import Line, artifact, banner, comments
from bailiwick.targets.linux.hypervisor.tags import units

SCRIPT = "/usr/lib/bailiwick/preflight"
NEEDS = "/etc/bailiwick/needs"

SYSTEMD = 252
"""Debian 12's. networkd has written bridges' VLANs since 226; the rest of the keys came until 250."""


def preflight(plan: VlanBridge, guests: tuple[GuestMachine, ...]) -> tuple[Artifact, ...]:
    """The list of needs, and the script that is the same for everybody."""
    head = comments("One need a line; /usr/lib/bailiwick/preflight says which of them are not met.")
    needs = artifact(NEEDS, (*banner("What this machine must have", plan.device), *head, *_needs(plan, guests)))
    script = resources.files(__package__).joinpath("preflight.sh").read_text(encoding="utf-8")
    return (needs, Artifact(SCRIPT, script, mode=0o755))


def _needs(plan: VlanBridge, guests: tuple[GuestMachine, ...]) -> Iterator[Line]:
    own = (plan.id,)
    taps = tuple(port.id for port in plan.ports if port.tap)
    yield Line(f"systemd {SYSTEMD}", own)
    yield Line("program bridge iproute2", own)
    yield Line("kernel bridge-vlan", own)
    if plan.management is not None:
        yield Line("kernel vlan", own)
    if taps:
        yield Line("kernel tun", taps)
    if units(plan):
        yield Line("program nft nftables", own)
        yield Line("kernel bridge-filter", own)
    if plan.mirrors:
        mirrors = tuple(mirror.id for mirror in plan.mirrors)
        yield Line("program tc iproute2", mirrors)
        yield Line("kernel matchall", mirrors)
    for port in plan.ports:
        if not port.tap:
            yield Line(" ".join(("card", port.name, port.mac or "-", port.path or "-")), (port.id,))
    for guest in guests:
        for card in guest.cards:
            if card.passthrough is not None:
                yield Line(f"{card.passthrough.bus} {card.passthrough.address} {guest.name}", (guest.id,))
    if guests:
        for guest in guests:
            yield Line(f"disk {guest.name} {guest.platform}", (guest.id,))
        everyone = tuple(guest.id for guest in guests)
        yield Line("kernel kvm", everyone)
        for program, package in (
            ("virsh", "libvirt-clients"),
            ("qemu-img", "qemu-utils"),
            ("xorriso", "xorriso"),
        ):
            yield Line(f"program {program} {package}", everyone)
    if plan.user:
        yield Line(f"user {plan.user}", taps or own)
