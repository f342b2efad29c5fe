"""What defines and starts the guests, once their taps are there (systemd.unit(5))."""

from __future__ import annotations

from bailiwick.plan.guests import GuestMachine
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import artifact, banner
from bailiwick.targets.linux.ini import Entry, Section, lines
from bailiwick.targets.linux.systemd.unit import device_unit, sandbox, unit

GUESTS = "bailiwick-guests.service"
SCRIPT = "/usr/lib/bailiwick/define-guests"
DAEMONS = ("libvirtd.service", "virtqemud.service")
"""libvirt's one daemon, and the one of its several that drives QEMU: a machine runs either."""


def units(device: str, guests: tuple[GuestMachine, ...]) -> tuple[Artifact, ...]:
    """The unit, and a drop-in for each daemon."""
    taps = tuple(card.tap for guest in guests for card in guest.cards if card.tap)
    return (_define(device, guests, taps), *(_waits(device, daemon, taps) for daemon in DAEMONS if taps))


def _define(device: str, guests: tuple[GuestMachine, ...], taps: tuple[str, ...]) -> Artifact:
    ids = tuple(guest.id for guest in guests)
    devices = [device_unit(tap) for tap in taps]
    wants = [Entry("Wants", " ".join(devices), ids)] if devices else []
    return unit(
        GUESTS,
        "The guests, once their taps are there",
        device,
        (
            Section(
                "Unit",
                (
                    Entry("Description", "Bailiwick: guests, defined and started"),
                    *wants,
                    Entry("After", " ".join(("systemd-networkd.service", *DAEMONS, *devices)), ids),
                    Entry("StartLimitIntervalSec", "300"),
                    Entry("StartLimitBurst", "5"),
                ),
            ),
            Section(
                "Service",
                (
                    Entry("Type", "oneshot"),
                    Entry("RemainAfterExit", "yes"),
                    Entry("ExecStart", SCRIPT),
                    Entry("ExecReload", SCRIPT),
                    Entry("Restart", "on-failure", why="A display's address, or a card, may come a moment later."),
                    Entry("RestartSec", "10"),
                    *sandbox(
                        capabilities="CAP_DAC_OVERRIDE CAP_FOWNER CAP_CHOWN", families="AF_UNIX", denied="@resources"
                    ),
                    Entry("PrivateDevices", "yes"),
                    Entry("PrivateNetwork", "yes", why="It speaks to libvirt's socket alone."),
                    Entry("ReadWritePaths", "/var/lib/libvirt/images", why="The disks of new guests, and the seeds."),
                ),
            ),
            Section("Install", (Entry("WantedBy", "multi-user.target"),)),
        ),
    )


def _waits(device: str, daemon: str, taps: tuple[str, ...]) -> Artifact:
    """libvirt starts guests by itself as soon as it is up, and fails where a tap is not there yet."""
    section = Section("Unit", (Entry("After", " ".join(map(device_unit, taps))),))
    return artifact(
        f"/etc/systemd/system/{daemon}.d/10-bailiwick.conf",
        (*banner("No guest starts before its taps are there", device), *lines([section])),
        reload="systemctl daemon-reload",
    )
