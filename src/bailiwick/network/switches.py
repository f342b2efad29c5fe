"""Machines with a VLAN-aware bridge that we configure: hypervisors, and switches that say what they run."""

from __future__ import annotations

from bailiwick.language.span import Span
from bailiwick.network.draft import Draft
from bailiwick.network.model import Link, RouterPort, Switch
from bailiwick.network.ports import resolve_ports
from bailiwick.network.switch_chips import chips_of
from bailiwick.network.wiring import Wiring

USER, BRIDGE = "libvirt-qemu", "br0"
"""Who runs QEMU under libvirt on Debian, and what the bridge is called."""


def resolve_switches(draft: Draft, wiring: Wiring) -> dict[str, Switch]:
    """By name: hypervisors first, each kind in the file's order. Wants hosts and devices resolved."""
    return {**_hypervisors(draft, wiring), **_switches(draft, wiring)}


def _hypervisors(draft: Draft, wiring: Wiring) -> dict[str, Switch]:
    spans, found = draft.findings.spans, {}
    for name, written in draft.home.hosts.items():
        if not written.hypervisor or written.router:
            if written.hypervisor:
                draft.findings.error(
                    "hypervisor-nested",
                    f"`{name}` is the router and a hypervisor: a router has no guests here.",
                    spans.key("hosts", name, "hypervisor"),
                    "let the router be a guest of the hypervisor (`guest-of:`), or give guests a machine of their own",
                )
            continue
        if written.legs or written.uplink:
            draft.findings.error(
                "hypervisor-place",
                f"Hypervisor `{name}` is to be managed in one zone: its guests stand in the others, and it does not.",
                spans.key("hosts", name, "legs" if written.legs else "uplink"),
                "give it `zone:` and `address:`",
            )
        runs = str(written.platform or draft.home.platform)
        if runs.startswith("routeros"):
            draft.findings.error(
                "platform-unfit",
                f"Hypervisor `{name}` runs Debian, and its platform is `{runs}`.",
                spans.key("hosts", name),
                "name a release of Debian, as `platform: debian-13`",
            )
        host = draft.hosts.get(name)
        found[name] = Switch(
            name=name,
            id=f"host:{name}",
            span=spans.key("hosts", name),
            runs=runs,
            ports=(*resolve_ports(draft, wiring, name), *_heard(draft, wiring, name)),
            zone=written.zone if written.zone in draft.zones else None,
            address=host.legs[0].address if host else None,
            hypervisor=True,
            user=written.user or USER,
            bridge=written.bridge or BRIDGE,
        )
    return found


def _switches(draft: Draft, wiring: Wiring) -> dict[str, Switch]:
    found = {}
    for name, written in draft.home.devices.items():
        if not written.runs:
            continue
        device = draft.devices.get(name)
        if (written.zone is None) != (written.address is None):
            draft.findings.error(
                "device-place",
                f"Switch `{name}` needs a zone and an address to be managed, or neither.",
                draft.findings.spans.key("devices", name),
                "add what is missing, as `zone: mgmt` and `address: .4`",
            )
        found[name] = Switch(
            name=name,
            id=f"device:{name}",
            span=draft.findings.spans.key("devices", name),
            runs=written.runs,
            ports=resolve_ports(draft, wiring, name),
            zone=written.zone if written.zone in draft.zones else None,
            address=device.address if device else None,
            hypervisor=False,
            user="",
            bridge="bridge",
            chips=chips_of(written.model),
        )
    return found


def _heard(draft: Draft, wiring: Wiring, name: str) -> list[RouterPort]:
    """Cards that nothing else names, and on which a guest listens."""
    known, found = set(wiring.ports(name)), {}
    for guest in draft.home.hosts.values():
        owner, _, port = (guest.listens_on or "").rpartition("/")
        passed = guest.vm.cards if guest.vm else {}
        if owner == name and guest.guest_of == name and port not in known and port not in passed:
            span: Span = draft.findings.spans.key("hosts", name)
            found[port] = RouterPort(port, span, None, ())
    return [found[port] for port in sorted(found)]


def resolve_links(draft: Draft, wiring: Wiring) -> tuple[Link, ...]:
    """Each cable once, the end nearer to the router first; by their ends."""
    links = {}
    for end, peer in wiring.peers.items():
        near, far = (peer, end) if wiring.inward(end) else (end, peer)
        if not wiring.inward(end) and not wiring.inward(peer):
            near, far = sorted((end, peer))
        links[near, far] = Link(near, far, draft.findings.spans.value(*wiring.at[end]))
    return tuple(links[ends] for ends in sorted(links))
