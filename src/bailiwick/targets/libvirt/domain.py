"""A guest as libvirt's domain (libvirt, "Domain XML format"): what it is given, and nothing that it has no use for."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

from bailiwick.network.model import Passthrough
from bailiwick.plan.guests import Card, GuestMachine
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.libvirt.markup import Element, element, lines, text
from bailiwick.targets.lines import artifact

IMAGES = "/var/lib/libvirt/images"
"""Where libvirt's AppArmor profile lets QEMU read and write (virt-aa-helper)."""

_CLOCK = (
    "UTC from this machine, so the guest's time is only as good, and jumps when the guest stands still: "
    "it asks the time of others and serves it to nobody."
)
_TAP = "networkd made the tap and put it in its zone: libvirt opens it and changes nothing (managed='no')."
_USB = "Optional: without its card the guest starts all the same, and serves the zones that it still reaches."


def directory(guest: GuestMachine) -> str:
    """Where what a guest is made from lies, and nothing that changes while it runs."""
    return f"/etc/bailiwick/guests/{guest.name}"


def domain(guest: GuestMachine, reload: str) -> Artifact:
    """The domain. ``reload`` defines it anew; a guest that runs takes it up when it is next started."""
    head = (
        f"The guest {guest.name} ({guest.hypervisor}).",
        "Written by Bailiwick from the home file: change that, not this.",
    )
    return artifact(f"{directory(guest)}/domain.xml", lines(_domain(guest), head), reload=reload)


def identity(guest: GuestMachine) -> str:
    """Stable: libvirt refuses to define a name anew under another UUID."""
    return str(uuid5(NAMESPACE_URL, f"bailiwick:{guest.hypervisor}/{guest.name}"))


def _domain(guest: GuestMachine) -> Element:
    ids = (guest.id,)
    return element(
        "domain",
        text("name", guest.name, ids=ids),
        text("uuid", identity(guest)),
        text("memory", str(guest.memory), ids=ids, unit="MiB"),
        text("vcpu", str(guest.cpus), ids=ids),
        element("os", text("type", "hvm", arch="x86_64", machine="q35"), element("boot", dev="hd")),
        element("features", element("acpi"), element("apic")),
        element("cpu", mode="host-passthrough"),
        element(
            "clock",
            element("timer", name="rtc", tickpolicy="catchup"),
            element("timer", name="pit", tickpolicy="delay"),
            element("timer", name="hpet", present="no"),
            why=_CLOCK,
            offset="utc",
        ),
        text("on_poweroff", "destroy"),
        text("on_reboot", "restart"),
        text("on_crash", "restart"),
        element("devices", *_devices(guest)),
        type="kvm",
    )


def _devices(guest: GuestMachine) -> Iterator[Element]:
    yield from _disks(guest)
    needs_usb = guest.display != "none" or any(c.passthrough and c.passthrough.bus == "usb" for c in guest.cards)
    yield element("controller", type="usb", model="qemu-xhci" if needs_usb else "none")
    for card in guest.cards:
        yield _card(guest, card)
    yield element("serial", element("target", port="0"), type="pty")
    yield element("console", element("target", type="serial", port="0"), type="pty")
    yield from _display(guest)
    yield element("memballoon", model="virtio")
    yield element("rng", text("backend", "/dev/urandom", model="random"), model="virtio")


def _disks(guest: GuestMachine) -> Iterator[Element]:
    yield element(
        "disk",
        element("driver", name="qemu", type="qcow2", discard="unmap"),
        element("source", file=f"{IMAGES}/{guest.name}.qcow2"),
        element("target", dev="vda", bus="virtio"),
        type="file",
        device="disk",
    )
    yield element(
        "disk",
        element("driver", name="qemu", type="raw"),
        element("source", file=f"{IMAGES}/{guest.name}-seed.iso", startupPolicy="optional"),
        element("target", dev="sda", bus="sata"),
        element("readonly"),
        why="What cloud-init reads at the first start; it may be taken away afterwards.",
        type="file",
        device="cdrom",
    )


def _card(guest: GuestMachine, card: Card) -> Element:
    """Raises ValueError for a card that is neither a tap nor passed through."""
    ids = (guest.id,)
    if card.passthrough is not None:
        return _passed_through(guest, card.passthrough)
    if not card.tap or not card.mac:
        raise ValueError(f"{guest.name}: the card {card.name} has no tap, or no MAC address")
    return element(
        "interface",
        element("mac", address=card.mac, ids=ids),
        element("target", dev=card.tap, managed="no", ids=ids),
        element("model", type="virtio"),
        why=f"{card.name}. {_TAP}",
        type="ethernet",
    )


def _passed_through(guest: GuestMachine, card: Passthrough) -> Element:
    """``managed``: libvirt takes the card from its driver when the guest starts, and gives it back when it ends.

    networkd has no file for such a card, so that it carries nothing when it comes back.
    """
    ids = (guest.id,)
    if card.bus == "pci":
        numbers, function = card.address.rsplit(".", 1)
        area, bus, slot = numbers.split(":")
        place = {"domain": area, "bus": bus, "slot": slot, "function": function}
        address = element("address", ids=ids, **{key: f"0x{value}" for key, value in place.items()})
        return element("hostdev", element("source", address), mode="subsystem", type="pci", managed="yes")
    if card.bus == "usb":
        vendor, product = card.address.split(":")
        source = element(
            "source",
            element("vendor", id=f"0x{vendor}", ids=ids),
            element("product", id=f"0x{product}", ids=ids),
            why=_USB,
            startupPolicy="optional",
        )
        return element("hostdev", source, mode="subsystem", type="usb", managed="yes")
    raise ValueError(f"{guest.name}: no card is passed through by {card.bus!r}")


def _display(guest: GuestMachine) -> Iterator[Element]:
    """Raises ValueError for a display that nothing is known about."""
    if guest.display == "none":
        return
    if guest.display not in ("spice", "vnc"):
        raise ValueError(f"{guest.name}: no display is called {guest.display!r}")
    ids, address = (guest.id,), str(guest.listen)
    why = "It asks for no password: whoever reaches this address is at the guest's keyboard."
    bound = element("listen", type="address", address=address, ids=ids)
    yield element("graphics", bound, why=why, type=guest.display, autoport="yes", listen=address)
    yield element("video", element("model", type="virtio"))
    yield element("input", type="tablet", bus="usb")
    yield element("audio", id="1", type="none")
