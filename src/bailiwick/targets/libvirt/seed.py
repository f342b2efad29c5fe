"""A guest's first start: cloud-init's NoCloud seed (cloud-init, "NoCloud", "Network config version 2").

No password anywhere: the one account is entered by an SSH key, or at the console of a hypervisor that one controls.
Of the network the seed says what the guest has before anything else is installed. The router's own files take the
place of that: its seed gives it the packages that they need, by whichever uplink asks for its address. Debian's images
have netplan, which alone of cloud-init's renderers matches a card by a pattern of names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from bailiwick.plan.guests import Card, GuestMachine
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.libvirt.domain import directory
from bailiwick.targets.lines import Line, artifact, comments

ACCOUNT = "admin"
KEY = "ssh-key"
"""The name of the secret that holds the owner's public SSH key."""


def seed(guest: GuestMachine, packages: tuple[str, ...], asks: frozenset[str], reload: str) -> tuple[Artifact, ...]:
    """``packages`` to install; ``asks``, the names of those cards of the router that ask for their address by DHCP."""
    folder = directory(guest)
    placeholder = f"@SECRET:{KEY}@"
    user = (Line("#cloud-config"), *_banner(guest), *_user(guest, packages, placeholder))
    meta = (*_banner(guest), *_meta(guest))
    network = (*_banner(guest), *_network(guest, asks))
    return (
        artifact(f"{folder}/user-data", user, mode=0o600, reload=reload, secrets={placeholder: KEY}),
        artifact(f"{folder}/meta-data", meta, mode=0o600, reload=reload),
        artifact(f"{folder}/network-config", network, mode=0o600, reload=reload),
    )


def _banner(guest: GuestMachine) -> tuple[Line, ...]:
    return comments(
        f"The first start of {guest.name} ({guest.hypervisor}).",
        "Written by Bailiwick from the home file: change that, not this.",
    )


def _text(value: str) -> str:
    """A double-quoted scalar: YAML 1.2 reads JSON's strings as they are."""
    return json.dumps(value, ensure_ascii=False)


def flag(value: bool) -> str:
    """A boolean of YAML 1.1 and 1.2 alike."""
    return "true" if value else "false"


def _meta(guest: GuestMachine) -> Iterator[Line]:
    yield from comments("cloud-init starts from the beginning when this changes: it never does.")
    yield Line(f"instance-id: {_text(f'bailiwick-{guest.hypervisor}-{guest.name}')}", (guest.id,))
    yield Line(f"local-hostname: {_text(guest.name)}", (guest.id,))


def _user(guest: GuestMachine, packages: tuple[str, ...], placeholder: str) -> Iterator[Line]:
    ids = (guest.id,)
    yield Line(f"hostname: {_text(guest.name)}", ids)
    if guest.domain:
        yield Line(f"fqdn: {_text(f'{guest.name}.{guest.domain}')}", ids)
    yield Line(f"timezone: {_text(guest.timezone)}", ids)
    yield from comments("Nobody logs in by a password, from the network or at the console.")
    yield Line("ssh_pwauth: false")
    yield Line("disable_root: true")
    yield Line("users:")
    yield Line(f"  - name: {ACCOUNT}")
    yield Line("    groups: [sudo, systemd-journal]")
    yield Line('    sudo: "ALL=(ALL) NOPASSWD:ALL"')
    yield Line("    shell: /bin/bash")
    yield Line("    lock_passwd: true")
    yield Line("    ssh_authorized_keys:")
    yield Line(f'      - "{placeholder}"', ids)
    yield from comments("No swap: what the guest holds in memory is never written to its disk.")
    yield Line("mounts:")
    yield Line("  - [swap]")
    if packages:
        yield from comments("What the files of this machine need.")
        yield Line("package_update: true")
        yield Line("packages:")
        yield from (Line(f"  - {_text(package)}", ids) for package in packages)
    if guest.router:
        yield from _router()


def _router() -> Iterator[Line]:
    yield from comments(
        "The time is asked of others and served to nobody: a guest's clock stands still when the guest does.",
    )
    yield Line("ntp:")
    yield Line("  enabled: true")
    yield Line("  ntp_client: systemd-timesyncd")
    yield from comments("From the second start on the network is the router's own files' alone.")
    yield Line("write_files:")
    yield Line("  - path: /etc/cloud/cloud.cfg.d/99-disable-network-config.cfg")
    yield Line('    content: "network: {config: disabled}\\n"')


def _network(guest: GuestMachine, asks: frozenset[str]) -> Iterator[Line]:
    yield Line("version: 2")
    if guest.cards:
        yield Line("ethernets:")
    for card in guest.cards:
        if card.mac:
            yield Line(f"  {card.name}:", (guest.id,))
            yield Line(f"    match: {{macaddress: {_text(card.mac)}}}", (guest.id,))
            yield Line(f"    set-name: {card.name}", (guest.id,))
            yield from _addressed(guest, (card,), asks)
    unknown = tuple(card for card in guest.cards if not card.mac)
    if unknown:
        yield from comments(
            "Cards passed through: their addresses are their own, and the kernel's names for them are not known here."
        )
        yield Line("  passed-through:", (guest.id,))
        yield Line('    match: {name: "en*"}')
        yield from _addressed(guest, unknown, asks)


def _addressed(guest: GuestMachine, cards: tuple[Card, ...], asks: frozenset[str]) -> Iterator[Line]:
    """What one entry says; the way out hangs on the first card that has an address."""
    ids = (guest.id,)
    static = next((card for card in cards if card.address), None)
    wants = static is None and any(card.name in asks if guest.router else not card.listens for card in cards)
    yield Line(f"    dhcp4: {flag(wants)}", ids)
    yield Line("    dhcp6: false")
    yield Line("    accept-ra: false")
    yield Line("    link-local: []")
    yield Line("    optional: true")
    if static is None:
        return
    yield Line(f"    addresses: [{_text(static.address)}]", ids)
    if static is not next(card for card in guest.cards if card.address):
        return
    if guest.gateway is not None:
        yield Line(f'    routes: [{{to: "0.0.0.0/0", via: {_text(str(guest.gateway))}}}]', ids)
    if guest.resolver is not None:
        yield Line("    nameservers:")
        yield Line(f"      addresses: [{_text(str(guest.resolver))}]", ids)
        if guest.domain:
            yield Line(f"      search: [{_text(guest.domain)}]", ids)
