"""Guests of a hypervisor: what each is given, and that the one they name is a hypervisor."""

from __future__ import annotations

from ipaddress import IPv4Address

from bailiwick.language import schema
from bailiwick.network.addresses import Unclear, whole
from bailiwick.network.draft import Draft
from bailiwick.network.model import Guest, Passthrough

MOST_CPUS, LEAST_MEMORY, LEAST_DISK = 256, 128, 2
"""A Debian guest does not boot with less; libvirt's own limit on processors is higher than any machine at home."""


def resolve_guest(draft: Draft, name: str) -> Guest | None:
    """None for a host that is no guest, and for one whose hypervisor is none (which is then said)."""
    written, findings = draft.home.hosts[name], draft.findings
    at = ("hosts", name)
    if written.guest_of is None:
        if written.vm is not None:
            findings.error(
                "vm-alone",
                f"`{name}` has a `vm`, and does not say whose guest it is.",
                findings.spans.key(*at, "vm"),
                "add `guest-of:` with the hypervisor's name, or remove `vm`",
            )
        return None
    if written.hypervisor:
        findings.error(
            "hypervisor-nested",
            f"`{name}` is a hypervisor and a guest of `{written.guest_of}`: guests of guests are not set up here.",
            findings.spans.key(*at, "guest-of"),
            "let it be one of the two",
        )
        return None
    if not _is_hypervisor(draft, name, written.guest_of):
        return None
    vm = written.vm or schema.Vm.model_construct()
    _check_size(draft, name, vm)
    return Guest(
        hypervisor=written.guest_of,
        span=findings.spans.key(*at, "guest-of"),
        cpus=vm.cpus,
        memory=vm.memory,
        disk=vm.disk,
        display=str(vm.display),
        listen=_listen(draft, name, vm),
        cards={port: _card(text) for port, text in vm.cards.items()},
        autostart=vm.autostart,
    )


def _is_hypervisor(draft: Draft, name: str, wanted: str) -> bool:
    findings, hosts = draft.findings, draft.home.hosts
    at = ("hosts", name, "guest-of")
    if wanted in hosts and hosts[wanted].hypervisor:
        return True
    if wanted in hosts:
        findings.error(
            "guest-of-nobody",
            f"`{wanted}` is no hypervisor, and `{name}` cannot be its guest.",
            at,
            f"add `hypervisor: linux` to `{wanted}`",
            [(findings.spans.key("hosts", wanted), "the host")],
        )
    else:
        known = ", ".join(f"`{host}`" for host in hosts if hosts[host].hypervisor)
        help = draft.names.suggest(wanted, ["host"])
        findings.error(
            "unknown-name", f"`{wanted}` is no host.", at, f"hypervisors of the home: {known}" if known else help
        )
    return False


def _check_size(draft: Draft, name: str, vm: schema.Vm) -> None:
    limits: tuple[tuple[str, bool, str], ...] = (
        ("cpus", 1 <= vm.cpus <= MOST_CPUS, f"from 1 to {MOST_CPUS} processors"),
        ("memory", vm.memory >= LEAST_MEMORY, f"{LEAST_MEMORY} MiB of memory at least"),
        ("disk", vm.disk >= LEAST_DISK, f"a disk of {LEAST_DISK} GiB at least"),
    )
    for key, fits, wanted in limits:
        if not fits:
            at = ("hosts", name, "vm", key)
            draft.findings.error("vm-size", f"Guest `{name}` does not start so: it needs {wanted}.", at)


def _listen(draft: Draft, name: str, vm: schema.Vm) -> IPv4Address | None:
    if vm.listen is None:
        return None
    at = ("hosts", name, "vm", "listen")
    try:
        address = whole(vm.listen)
    except Unclear as why:
        draft.findings.error("address-unclear", f"{why}.", at)
        return None
    if vm.display is schema.Display.NONE:
        draft.findings.error(
            "display-none",
            f"Guest `{name}` says where its display is reached, and has none.",
            at,
            "add `display: spice` or `display: vnc`, or remove the line",
        )
    elif address.is_unspecified and not vm.because:
        draft.findings.warn(
            "display-everywhere",
            f"The display of `{name}` is reached on every address of `{draft.home.hosts[name].guest_of}`, without a "
            "password.",
            at,
            "remove the line (loopback; reach it through SSH), name one address, or say `because:` in `vm`",
        )
    return address


def _card(text: str) -> Passthrough:
    bus, _, address = text.partition(" ")
    return Passthrough(bus, address)
