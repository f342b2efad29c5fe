"""libvirt: each guest as a domain with the seed of its first start, and what defines and starts them."""

from __future__ import annotations

from importlib import resources

from bailiwick.plan.guests import GuestMachine
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.libvirt.domain import domain
from bailiwick.targets.libvirt.seed import seed
from bailiwick.targets.libvirt.units import GUESTS, SCRIPT, units
from bailiwick.targets.lines import Line, artifact, banner, comments

__all__ = ["enabled", "machines"]

RELOAD = f"systemctl reload-or-restart {GUESTS}"


def machines(
    device: str,
    guests: tuple[GuestMachine, ...],
    router_packages: tuple[str, ...] = (),
    router_asks: frozenset[str] = frozenset(),
) -> tuple[Artifact, ...]:
    """The guests of one hypervisor; nothing where there are none.

    ``router_packages`` is what the files of a router among them need, ``router_asks`` which of its cards ask by DHCP.
    """
    if not guests:
        return ()
    files: list[Artifact] = [_list(device, guests)]
    for guest in guests:
        files.append(domain(guest, RELOAD))
        files.extend(seed(guest, router_packages if guest.router else (), router_asks, RELOAD))
    script = resources.files(__package__).joinpath("define-guests.sh").read_text(encoding="utf-8")
    return (*files, *units(device, guests), Artifact(SCRIPT, script, mode=0o755))


def enabled(guests: tuple[GuestMachine, ...]) -> tuple[str, ...]:
    """Units to enable."""
    return (GUESTS,) if guests else ()


def _list(device: str, guests: tuple[GuestMachine, ...]) -> Artifact:
    head = comments("Name, whether it starts by itself, its disk in GiB, and the image that its disk is made from.")
    lines = (
        Line(f"{guest.name} {'autostart' if guest.autostart else 'manual'} {guest.disk} {guest.platform}", (guest.id,))
        for guest in guests
    )
    return artifact("/etc/bailiwick/guests/list", (*banner("The guests", device), *head, *lines), reload=RELOAD)
